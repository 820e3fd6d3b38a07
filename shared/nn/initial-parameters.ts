import { normalQuantile } from '../numeric/normal-quantile.ts';
import { fillUniform } from './cells/fill-uniform.ts';
import { type NetworkShape, networkCell } from './network-shape.ts';
import { parameterLayout } from './parameters.ts';
import { Random } from './random.ts';

/** Outputs begin narrower than the Gaussian: most ticks move less than their scale says. */
export const FIRST_SPREAD = 0.6;
const FIRST_DEVIATION = 0.01;

export interface InitialOptions {
  /** Quantile levels of every horizon, rising; outputs are horizons x levels. */
  readonly levels: readonly number[];
  /** How wide they begin at each horizon, in quantiles of a standard Gaussian; absent: .6. */
  readonly spreads?: readonly number[];
  readonly seed: number;
}

/**
 * Parameters of an untrained network, deterministic by seed. The cell says how it begins. Head: its hidden layer uniform within 1 / sqrt(H + I); the two layers
 * that end in the outputs almost zero, so the first forecast is the bias: a Gaussian of as many scales as `spreads` says.
 */
export function initialParameters(shape: NetworkShape, options: InitialOptions): Float32Array {
  const { hiddenSize, inputSize, headSize, outputSize } = shape;
  const layout = parameterLayout(shape);
  const parameters = new Float32Array(layout.length);
  const random = new Random(options.seed);
  const joined = hiddenSize + inputSize;
  const normal = (at: number, length: number): void => {
    for (let k = 0; k < length; k++) parameters[at + k] = FIRST_DEVIATION * random.normal();
  };
  networkCell(shape).initialise(parameters, layout.cell.at, random);
  normal(layout.direct.at, outputSize * joined);
  const outputBiasAt = layout.direct.at + outputSize * joined;
  const { levels, spreads = [] } = options;
  for (let o = 0; o < outputSize; o++) {
    const spread = spreads[Math.floor(o / levels.length)] ?? FIRST_SPREAD;
    parameters[outputBiasAt + o] = spread * normalQuantile(levels[o % levels.length] ?? 0.5);
  }
  fillUniform(parameters, layout.hidden.at, layout.hidden.length, 1 / Math.sqrt(joined), random);
  normal(layout.output.at, outputSize * headSize);
  return parameters;
}
