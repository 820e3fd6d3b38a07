import { ewmaRate, ewmaStep } from '#shared/features/ewma.ts';

const VARIANCE_RATE = ewmaRate(1000);
/**
 * Per matured forecast one tick ahead. Targets overlap, so one surprise counts in as many of them as the horizon has ticks: widths learn
 * at this over the root of the horizon. What moves all levels to one side is a bet on a drift, which few independent targets cannot tell
 * from chance: that learns at this over the horizon itself.
 */
export const CALIBRATION_RATE = 0.005;

/** A forecast of one horizon whose target is known. */
export interface TrackedForecast {
  readonly happened: number;
  /** How far apart still counts as equal. */
  readonly tie: number;
  readonly f32: Float32Array;
  readonly quantilesAt: number;
}

/**
 * Online calibration by quantile tracking (Gibbs and Candès 2021; Angelopoulos, Candès and Tibshirani 2023): each level's offset
 * moves up when too many targets fell above it and down when too many fell below, once per matured forecast, in the tails by more:
 * each step there is small, as misses are rare. A level and its mirror image move apart faster than aside. The long-run share
 * below each level tends to the level whatever the series does. It is marginal: no promise for a given hour or regime, nor over a
 * short run; and sorting the quantiles afterwards may give a little of it away.
 *
 * Slots: variance, then one offset per (horizon, level), in units of sqrt(h x variance).
 */
export class QuantileTracker {
  readonly slots: number;
  readonly #horizons: readonly number[];
  readonly #levels: readonly number[];
  readonly #rate: number;
  readonly #levelFactors: Float64Array;
  /** Filled anew at every use. */
  readonly #pulls: Float64Array;

  /**
   * @param levels as far above the middle as below it
   * @param rate   per matured forecast one tick ahead; 0: what is issued stays as it is
   */
  constructor(
    horizons: readonly number[],
    levels: readonly number[],
    rate: number = CALIBRATION_RATE,
  ) {
    this.#rate = rate;
    this.#levelFactors = Float64Array.from(levels, (level) => 0.5 / Math.sqrt(level * (1 - level)));
    this.#pulls = new Float64Array(levels.length);
    this.#horizons = horizons;
    this.#levels = levels;
    this.slots = 1 + horizons.length * levels.length;
  }

  observeChange(state: Float64Array, at: number, change: number, count: number): void {
    state[at] = ewmaStep(state[at], change * change, VARIANCE_RATE, count);
  }

  /** Begins anew, with changes of another size. @param variance of one event from now on */
  restart(state: Float64Array, at: number, variance: number): void {
    state.fill(0, at, at + this.slots);
    state[at] = variance;
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
   * Learns from one matured forecast. What ties with quantiles lies below each of them by the share that the randomised PIT would
   * put there: so a point mass is calibrated as a whole, and the middle of it moves nothing.
   *
   * @param matured with the quantiles as they were issued, never decreasing
   */
  learn(state: Float64Array, at: number, horizonIndex: number, matured: TrackedForecast): void {
    const { happened, tie } = matured;
    const levels = this.#levels;
    const pulls = this.#pulls;
    const horizonTicks = this.#horizons[horizonIndex];
    const widthRate = this.#rate / Math.sqrt(horizonTicks);
    const shiftRate = this.#rate / horizonTicks;
    const thetas = at + 1 + horizonIndex * levels.length;
    const below = countUpTo(matured, levels.length, happened - tie, false);
    const upTo = countUpTo(matured, levels.length, happened + tie, true);
    const low = below === 0 ? 0 : levels[below - 1];
    const high = upTo === levels.length ? 1 : levels[upTo];
    for (let l = 0; l < levels.length; l += 1) {
      let share = l < below ? 0 : 1;
      if (l >= below && l < upTo) share = (levels[l] - low) / (high - low);
      pulls[l] = this.#levelFactors[l] * (levels[l] - share);
    }
    const own = (shiftRate + widthRate) / 2;
    const mirrored = (shiftRate - widthRate) / 2;
    for (let l = 0; l < levels.length; l += 1) {
      state[thetas + l] += own * pulls[l] + mirrored * pulls[levels.length - 1 - l];
    }
  }
}

/** How many of the quantiles are below a bound, or equal to it where that counts too. */
function countUpTo(
  { f32, quantilesAt }: TrackedForecast,
  length: number,
  bound: number,
  withEqual: boolean,
): number {
  let count = 0;
  while (count < length) {
    const quantile = f32[quantilesAt + count];
    if (quantile > bound || (quantile === bound && !withEqual)) break;
    count += 1;
  }
  return count;
}
