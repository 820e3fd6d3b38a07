/** Follows a drift within some fifty changes. */
const USUAL_RATE = 0.02;
/** Changes closer to a quantile than this share of the scale are equal to it: a point mass then moves it by its middle. */
const TIE = 1e-9;

/**
 * Rolling quantiles of the matured changes of one horizon, in scales: each level's quantile steps up where a change lies above and
 * down where it lies below, so that the share below it tends to the level (Robbins and Monro 1951). It forgets as it goes, and
 * is one number per level.
 */
export class RollingQuantiles {
  /** Float64 slots per symbol and horizon: deviations from the first quantiles, so that a fresh symbol is all zero. */
  readonly slots: number;
  readonly #levels: readonly number[];
  readonly #first: Float64Array;
  readonly #rate: number;

  /**
   * @param first quantiles of a change in scales, before any is known
   * @param rate  largest step, in scales
   */
  constructor(levels: readonly number[], first: Float64Array, rate = USUAL_RATE) {
    this.#levels = levels;
    this.#first = first;
    this.#rate = rate;
    this.slots = levels.length;
  }

  /** @param scaled a matured change in scales */
  learn(state: Float64Array, at: number, scaled: number): void {
    for (let l = 0; l < this.#levels.length; l += 1) {
      const above = scaled - this.#first[l] - state[at + l];
      if (above > TIE) state[at + l] += this.#rate * this.#levels[l];
      else if (above < -TIE) state[at + l] -= this.#rate * (1 - this.#levels[l]);
    }
  }

  /** Writes one quantile per level, never decreasing, in the unit of `scale`. */
  quantiles(
    state: Float64Array,
    at: number,
    scale: number,
    into: Float64Array,
    intoAt: number,
  ): void {
    let largest = Number.NEGATIVE_INFINITY;
    for (let l = 0; l < this.#levels.length; l += 1) {
      largest = Math.max(largest, this.#first[l] + state[at + l]);
      into[intoAt + l] = scale * largest;
    }
  }
}
