import { exp } from '#shared/numeric/elementary.ts';
import { addToHistogram, HISTOGRAM_SLOTS, histogramQuantiles } from './decayed-histogram.ts';

const SHORTEST_HALF_LIFE = 1000;
/** Changes over h ticks overlap: with fewer of them the tails are those of a handful of independent ones. */
const HALF_LIFE_HORIZONS = 50;
/** Matured changes between two readings of the quantiles: they move slowly, and a reading walks all cells. */
const READ_EVERY = 8;
/** Before so many changes the quantiles are those of a Gaussian. */
const FIRST_READ = 50;
const COUNT = 0;
const HISTOGRAM = 1;
const QUANTILES = HISTOGRAM + HISTOGRAM_SLOTS;

/**
 * Filtered historical simulation (Barone-Adesi, Giannopoulos and Vosper 1999) of one horizon: the quantiles of past changes, each in
 * scales of its day, times today's scale. The past fades with a half-life of 1,000 changes, and of 50 horizons at least, instead of
 * ending at a window's edge, so nothing but a histogram is kept.
 */
export class FilteredHistory {
  /** Float64 slots per symbol and horizon. */
  readonly slots: number;
  readonly #levels: readonly number[];
  readonly #first: Float64Array;
  readonly #growth: number;

  /** @param first quantiles of a change in scales, while too few are known */
  constructor(horizonTicks: number, levels: readonly number[], first: Float64Array) {
    const halfLife = Math.max(SHORTEST_HALF_LIFE, HALF_LIFE_HORIZONS * horizonTicks);
    this.#growth = exp(Math.LN2 / halfLife);
    this.#levels = levels;
    this.#first = first;
    this.slots = QUANTILES + levels.length;
  }

  /** @param scaled a matured change in scales */
  learn(state: Float64Array, at: number, scaled: number): void {
    addToHistogram(state, at + HISTOGRAM, scaled, this.#growth);
    const count = state[at + COUNT] + 1;
    state[at + COUNT] = count;
    if (count < FIRST_READ || count % READ_EVERY !== 0) return;
    histogramQuantiles(state, at + HISTOGRAM, this.#levels, state, at + QUANTILES);
  }

  /** Writes one quantile per level, rising, in the unit of `scale`. */
  quantiles(
    state: Float64Array,
    at: number,
    scale: number,
    into: Float64Array,
    intoAt: number,
  ): void {
    const isRead = state[at + COUNT] >= FIRST_READ + READ_EVERY;
    for (let l = 0; l < this.#levels.length; l += 1) {
      into[intoAt + l] = scale * (isRead ? state[at + QUANTILES + l] : this.#first[l]);
    }
  }
}
