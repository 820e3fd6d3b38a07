/**
 * The continuous ranked probability score as twice the integral of the pinball loss over the level, each level standing for the
 * middle of its cell (Matheson and Winkler 1976; Laio and Tamea 2007).
 *
 * @param levels rising, in (0, 1)
 * @returns one weight per level; they sum to 2
 */
export function crpsWeights(levels: readonly number[]): Float64Array {
  const edges = [0, ...levels.slice(1).map((level, k) => (level + levels[k]) / 2), 1];
  return Float64Array.from(levels, (_, k) => 2 * (edges[k + 1] - edges[k]));
}

/**
 * CRPS of quantiles against what happened, in the unit of both.
 *
 * @param quantiles from `at`, one per level, never decreasing
 */
export function crpsOfQuantiles(
  quantiles: Float32Array,
  at: number,
  happened: number,
  levels: readonly number[],
  weights: Float64Array,
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
  tables: { readonly weights: Float64Array; readonly normalQuantiles: Float64Array },
): number {
  let sum = 0;
  for (let l = 0; l < levels.length; l += 1) {
    const error = happened - sigma * tables.normalQuantiles[l];
    sum += tables.weights[l] * (error > 0 ? levels[l] * error : (levels[l] - 1) * error);
  }
  return sum;
}
