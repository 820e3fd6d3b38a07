/** What a training made, measured. Losses are NaN where there was nothing to measure on. */
export interface Candidate {
  readonly updates: number;
  readonly weights: Float32Array;
  readonly weightNorm: number;
  readonly lossBefore: number;
  readonly lossAfter: number;
}

export interface GateOptions {
  readonly gateRatio: number;
  readonly largestNorm: number;
}

/**
 * Whether new weights may replace the old ones of the same lineage. A guard against damage, not a proof of gain: it lets
 * through what loses up to `gateRatio` on the held-out ticks, as those are few. The proof is the scores of the ticks to come.
 *
 * @returns why not, or null
 */
export function refusalOf(candidate: Candidate, options: GateOptions): string | null {
  const { updates, weights, weightNorm, lossBefore, lossAfter } = candidate;
  if (updates === 0) return 'NO_FINITE_GRADIENT';
  if (!weights.every(Number.isFinite)) return 'NOT_FINITE';
  if (!(weightNorm <= options.largestNorm)) return 'NORM_TOO_LARGE';
  // Without a held-out tick there is nothing to compare on; both losses are NaN then, and only then.
  if (Number.isNaN(lossBefore)) return null;
  return lossAfter <= options.gateRatio * lossBefore ? null : 'HELD_OUT_LOSS_ROSE';
}
