import type { Floats } from '../add-product.ts';

/** Sizes and weights of a quantile loss: K horizons, each with the same L levels. */
export interface PinballShape {
  readonly horizons: number;
  /** L levels in (0, 1), rising. */
  readonly levels: readonly number[];
  /** One weight per level; `crpsCellWeights` makes the sum an approximation of the CRPS. */
  readonly weights: readonly number[];
}

/**
 * CRPS = 2 * integral of the pinball loss over the level (Gneiting & Ranjan 2011, eq. 8). Each level stands for the cell between
 * the midpoints to its neighbours; the outermost cells reach 0 and 1. The weights sum to 2.
 */
export function crpsCellWeights(levels: readonly number[]): number[] {
  return levels.map((level, k) => {
    const lower = k === 0 ? 0 : (levels[k - 1] + level) / 2;
    const upper = k === levels.length - 1 ? 1 : (level + levels[k + 1]) / 2;
    return 2 * (upper - lower);
  });
}

/**
 * Weighted pinball loss (Koenker & Bassett 1978) of `rows` rows: sum of w (tau e if e > 0, else (tau - 1) e) with
 * e = target - quantile, over the pairs of row and horizon whose mask is 1.
 *
 * @param quantiles rows x K x L
 * @param targets   rows x K, from `targetsAt`; not looked at where the mask is 0
 * @param mask      rows x K, from `targetsAt`; 1 where the target has arrived
 * @param factor    scales the gradient; the caller's 1 / (number of pairs)
 * @param gradient  rows x K x L, overwritten with factor * dL/dq; the middle of both slopes where e is 0
 * @returns the sum, not scaled
 */
export function pinball(
  rows: number,
  { horizons, levels, weights }: PinballShape,
  quantiles: Floats,
  targets: Floats,
  mask: Uint8Array,
  targetsAt: number,
  factor: number,
  gradient: Floats,
): number {
  const L = levels.length;
  let sum = 0;
  for (let pair = 0; pair < rows * horizons; pair++) {
    const at = pair * L;
    if (mask[targetsAt + pair] === 0) {
      for (let l = 0; l < L; l++) gradient[at + l] = 0;
      continue;
    }
    const target = targets[targetsAt + pair];
    for (let l = 0; l < L; l++) {
      const e = target - quantiles[at + l];
      const slope = weights[l] * (levels[l] - shareBelow(e));
      sum += slope * e;
      gradient[at + l] = -factor * slope;
    }
  }
  return sum;
}

function shareBelow(e: number): number {
  if (e > 0) return 0;
  return e < 0 ? 1 : 0.5;
}
