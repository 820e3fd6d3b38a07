import type { Floats } from '../add-product.ts';
import type { Loss } from './loss.ts';

/** Sizes and weights of a quantile loss: K horizons, each with the same L levels. */
export interface PinballShape {
  readonly horizons: number;
  /** L levels in (0, 1), rising. */
  readonly levels: readonly number[];
  /** One weight per level; `crpsCellWeights` makes the sum an approximation of the CRPS. */
  readonly weights: readonly number[];
  /** What each horizon counts; absent: all alike. */
  readonly horizonWeights?: readonly number[];
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
 * Weighted pinball loss of one target (Koenker & Bassett 1978): the sum over levels of w (tau e if e > 0, else (tau - 1) e) with
 * e = target - quantile. L >= 0; the slope of a quantile lies within w (tau - 1) and w tau, and in their middle where e is 0.
 */
export function pinballLoss({ levels, weights }: Pick<PinballShape, 'levels' | 'weights'>): Loss {
  return {
    outputsPerTarget: levels.length,
    at: (outputs, at, target, factor, gradient) =>
      pinballAt(levels, weights, outputs, at, target, factor, gradient),
  };
}

/**
 * The same for `rows` rows of K horizons, over the pairs of row and horizon whose mask is 1.
 *
 * @param quantiles rows x K x L
 * @param targets   rows x K, from `targetsAt`; not looked at where the mask is 0
 * @param mask      rows x K, from `targetsAt`; 1 where the target has arrived
 * @param factor    scales the gradient; the caller's 1 / (number of pairs)
 * @param gradient  rows x K x L, overwritten with factor * dL/dq
 * @returns the sum over the pairs, each as its horizon counts, not scaled by `factor`
 */
export function pinball(
  rows: number,
  { horizons, levels, weights, horizonWeights }: PinballShape,
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
    } else {
      const target = targets[targetsAt + pair];
      const counts = horizonWeights === undefined ? 1 : horizonWeights[pair % horizons];
      sum += counts * pinballAt(levels, weights, quantiles, at, target, counts * factor, gradient);
    }
  }
  return sum;
}

function pinballAt(
  levels: readonly number[],
  weights: readonly number[],
  quantiles: Floats,
  at: number,
  target: number,
  factor: number,
  gradient: Floats,
): number {
  let sum = 0;
  for (let l = 0; l < levels.length; l++) {
    const e = target - quantiles[at + l];
    const slope = weights[l] * (levels[l] - shareBelow(e));
    sum += slope * e;
    gradient[at + l] = -factor * slope;
  }
  return sum;
}

function shareBelow(e: number): number {
  if (e > 0) return 0;
  return e < 0 ? 1 : 0.5;
}
