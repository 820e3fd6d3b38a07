import { normalQuantile } from '../numeric/normal-quantile.ts';
import type { NetworkShape } from './network-shape.ts';
import { parameterLayout, type Slice } from './parameters.ts';
import { Random } from './random.ts';

/** Outputs begin narrower than the Gaussian: most ticks move less than their scale says. */
const FIRST_SPREAD = 0.6;
const FIRST_DEVIATION = 0.01;

export interface InitialOptions {
  /** Quantile levels of every horizon, rising; outputs are horizons x levels. */
  readonly levels: readonly number[];
  readonly seed: number;
}

/**
 * Parameters of an untrained network, deterministic by seed. LSTM: uniform within 1 / sqrt(H), forget biases one higher (Gers et
 * al. 2000), so that memory is kept until it is unlearnt. Head: its hidden layer uniform within 1 / sqrt(H + I); the two layers
 * that end in the outputs almost zero, so the first forecast is the bias: a Gaussian of .6 scales.
 */
export function initialParameters(shape: NetworkShape, options: InitialOptions): Float32Array {
  const { hiddenSize, inputSize, headSize, outputSize } = shape;
  const layout = parameterLayout(shape);
  const parameters = new Float32Array(layout.length);
  const random = new Random(options.seed);
  const joined = hiddenSize + inputSize;
  const uniform = ({ at, length }: Slice, bound: number): void => {
    for (let k = 0; k < length; k++) parameters[at + k] = (2 * random.next() - 1) * bound;
  };
  const normal = (at: number, length: number): void => {
    for (let k = 0; k < length; k++) parameters[at + k] = FIRST_DEVIATION * random.normal();
  };
  uniform(layout.lstm, 1 / Math.sqrt(hiddenSize));
  const forgetBiasAt = layout.lstm.at + 4 * hiddenSize * joined + hiddenSize;
  for (let k = 0; k < hiddenSize; k++) parameters[forgetBiasAt + k] += 1;
  normal(layout.direct.at, outputSize * joined);
  const outputBiasAt = layout.direct.at + outputSize * joined;
  for (let o = 0; o < outputSize; o++) {
    const level = options.levels[o % options.levels.length] ?? 0.5;
    parameters[outputBiasAt + o] = FIRST_SPREAD * normalQuantile(level);
  }
  uniform(layout.hidden, 1 / Math.sqrt(joined));
  normal(layout.output.at, outputSize * headSize);
  return parameters;
}
