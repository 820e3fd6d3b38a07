/**
 * CRPS of quantiles against what happened, in the unit of both: the weighted pinball loss of `crpsCellWeights` (Laio and Tamea
 * 2007).
 *
 * @param quantiles from `at`, one per level, never decreasing
 */
export function crpsOfQuantiles(
  quantiles: Float32Array,
  at: number,
  happened: number,
  levels: readonly number[],
  weights: readonly number[],
): number {
  let sum = 0;
  for (let l = 0; l < levels.length; l += 1) {
    const error = happened - quantiles[at + l];
    sum += weights[l] * (error > 0 ? levels[l] * error : (levels[l] - 1) * error);
  }
  return sum;
}

/** CRPS of a Gaussian of mean zero on the same levels, so that it compares like with like. */
export function crpsOfGaussian(
  sigma: number,
  happened: number,
  levels: readonly number[],
  tables: { readonly weights: readonly number[]; readonly normalQuantiles: Float64Array },
): number {
  let sum = 0;
  for (let l = 0; l < levels.length; l += 1) {
    const error = happened - sigma * tables.normalQuantiles[l];
    sum += tables.weights[l] * (error > 0 ? levels[l] * error : (levels[l] - 1) * error);
  }
  return sum;
}
