import { ewmaRate, ewmaStep } from '#shared/features/ewma.ts';

const VARIANCE_RATE = ewmaRate(1000);
const GAMMA = 0.02;

/**
 * Online calibration by quantile tracking (Gibbs and Candès 2021; Angelopoulos, Candès and Tibshirani 2023): each level's offset
 * moves up when too many targets fell above it and down when too many fell below, once per matured forecast. The long-run share
 * below each level tends to the level whatever the series does. It is marginal: no promise for a given hour or regime, nor over a
 * short run; and sorting the quantiles afterwards may give a little of it away.
 *
 * Slots: variance, then one offset per (horizon, level), in units of sqrt(h x variance).
 */
export class QuantileTracker {
  readonly slots: number;
  readonly #horizons: readonly number[];
  readonly #levels: readonly number[];

  constructor(horizons: readonly number[], levels: readonly number[]) {
    this.#horizons = horizons;
    this.#levels = levels;
    this.slots = 1 + horizons.length * levels.length;
  }

  observeChange(state: Float64Array, at: number, change: number, count: number): void {
    state[at] = ewmaStep(state[at], change * change, VARIANCE_RATE, count);
  }

  /** Adds the tracked offsets to the quantiles of one horizon, in place, and keeps them from crossing. */
  adjust(
    state: Float64Array,
    at: number,
    horizonIndex: number,
    quantiles: Float32Array,
    quantilesAt: number,
  ): void {
    const levels = this.#levels.length;
    const scale = Math.sqrt(this.#horizons[horizonIndex] * state[at]);
    const thetas = at + 1 + horizonIndex * levels;
    for (let l = 0; l < levels; l += 1) {
      const slot = quantilesAt + l;
      quantiles[slot] += state[thetas + l] * scale;
      if (l > 0 && quantiles[slot] < quantiles[slot - 1]) quantiles[slot] = quantiles[slot - 1];
    }
  }

  /**
   * Learns from one matured forecast. A tie counts as the level itself, so a point mass moves nothing.
   *
   * @param quantiles as they were issued
   */
  learn(
    state: Float64Array,
    at: number,
    horizonIndex: number,
    issued: { readonly quantiles: Float32Array; readonly at: number },
    { happened, tie }: { readonly happened: number; readonly tie: number },
  ): void {
    const levels = this.#levels.length;
    const rate = GAMMA / Math.sqrt(this.#horizons[horizonIndex]);
    const thetas = at + 1 + horizonIndex * levels;
    for (let l = 0; l < levels; l += 1) {
      const quantile = issued.quantiles[issued.at + l];
      if (Math.abs(happened - quantile) <= tie) continue;
      const below = happened < quantile ? 1 : 0;
      state[thetas + l] += rate * (this.#levels[l] - below);
    }
  }
}
