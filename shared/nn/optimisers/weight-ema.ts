import type { Floats } from '../add-product.ts';

/** Moves the weights that forecasts use towards the trained ones: mean <- decay mean + (1 - decay) parameters (Polyak averaging). */
export function updateWeightEma(mean: Floats, parameters: Floats, decay: number): void {
  for (let k = 0; k < mean.length; k++) mean[k] += (1 - decay) * (parameters[k] - mean[k]);
}
