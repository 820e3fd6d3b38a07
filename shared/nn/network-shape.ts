/** Sizes of a quantile network: I inputs, H hidden units, M units in the head's hidden layer, K horizons times L levels outputs. */
export interface NetworkShape {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly headSize: number;
  readonly outputSize: number;
}
