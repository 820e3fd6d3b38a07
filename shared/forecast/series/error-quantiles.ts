import { normalQuantile } from '#shared/numeric/normal-quantile.ts';

/** Largest step of the median one event ahead, in spreads. */
const USUAL_RATE = 0.02;

/** A change that has become known. */
export interface MetChange {
  readonly happened: number;
  /** Within which it equals a quantile: a point mass then moves it by its middle. */
  readonly tie: number;
  /** Of the quantiles issued for it, one per level. */
  readonly quantilesAt: number;
}

/**
 * Quantiles of the errors of one horizon, in units of their spread: each level's number steps up where what came lay above the
 * quantile that had been issued, and down where below, so that the share of targets below it tends to the level (Robbins and Monro
 * 1951; Gibbs and Candès 2021). Misses are rare in the tails, so steps are larger there. Judged by the quantile as it stands
 * when the target comes, the issued ones, which knew less, would stay too narrow.
 */
export class ErrorQuantiles {
  /** Float64 slots: deviations from those of a Gaussian, so that a fresh start is all zero. */
  readonly slots: number;
  readonly #levels: readonly number[];
  readonly #first: readonly number[];
  readonly #steps: readonly number[];

  constructor(levels: readonly number[], horizonTicks: number) {
    this.#levels = levels;
    this.#first = levels.map(normalQuantile);
    const rate = USUAL_RATE / Math.sqrt(horizonTicks);
    this.#steps = levels.map((level) => (0.5 * rate) / Math.sqrt(level * (1 - level)));
    this.slots = levels.length;
  }

  /** @param issued holds the quantiles that were issued */
  learn(state: Float64Array, at: number, issued: Float32Array, change: MetChange): void {
    const { happened, tie, quantilesAt } = change;
    for (let l = 0; l < this.slots; l += 1) {
      const above = happened - issued[quantilesAt + l];
      if (above > tie) state[at + l] += this.#steps[l] * this.#levels[l];
      else if (above < -tie) state[at + l] -= this.#steps[l] * (1 - this.#levels[l]);
    }
  }

  /** Writes one quantile per level, never decreasing, in the unit of `spread`. */
  write(state: Float64Array, at: number, spread: number, into: Float64Array): void {
    let largest = Number.NEGATIVE_INFINITY;
    for (let l = 0; l < this.slots; l += 1) {
      largest = Math.max(largest, this.#first[l] + state[at + l]);
      into[l] = spread * largest;
    }
  }
}
