import { ewmaRate, ewmaStep } from '#shared/features/ewma.ts';

const HALF_LIVES = [50, 200, 1000, 5000] as const;
const RATES = HALF_LIVES.map(ewmaRate);

/** Where warm-up was too short to compare any: h times the one-event variance, half-life 1000, which has a value at once. */
const UNCOMPARED = HALF_LIVES.length + 2;

/** Per horizon: each half-life once from realised h-changes and once as h times the one-event variance. */
export const CANDIDATES = 2 * HALF_LIVES.length;

/**
 * The baseline to beat: a Gaussian of mean zero whose variance is an EWMA. Which half-life, and whether of the h-change itself
 * or of one event times h, is chosen per symbol and horizon by CRPS on the warm-up, then kept. That choice
 * makes it as strong as one who knew the symbol would make it.
 */
export class EwmaGaussian {
  /** Float64 slots per symbol: one-event variances, then per horizon variances, losses, chosen candidate. */
  readonly slots: number;
  readonly #horizons: readonly number[];
  readonly #perHorizon = HALF_LIVES.length + CANDIDATES + 1;

  constructor(horizons: readonly number[]) {
    this.#horizons = horizons;
    this.slots = HALF_LIVES.length + this.#perHorizon * horizons.length;
  }

  /** @param count forecast events with this one */
  observeChange(state: Float64Array, at: number, change: number, count: number): void {
    for (let k = 0; k < RATES.length; k += 1) {
      state[at + k] = ewmaStep(state[at + k], change * change, RATES[k], count);
    }
  }

  /** Goes on with changes of another size; what was chosen stays. @param variance of one event from now on */
  restart(state: Float64Array, at: number, variance: number): void {
    state.fill(variance, at, at + RATES.length);
    this.#horizons.forEach((horizon, k) => {
      const slot = this.#slot(at, k);
      state.fill(horizon * variance, slot, slot + RATES.length);
    });
  }

  /** @param count realised h-changes with this one; none before 1 */
  observeRealised(
    state: Float64Array,
    at: number,
    horizonIndex: number,
    realised: number,
    count: number,
  ): void {
    if (count < 1) return;
    const slot = this.#slot(at, horizonIndex);
    for (let k = 0; k < RATES.length; k += 1) {
      state[slot + k] = ewmaStep(state[slot + k], realised * realised, RATES[k], count);
    }
  }

  /** Standard deviation of a candidate at the newest event, offset units. */
  sigma(state: Float64Array, at: number, horizonIndex: number, candidate: number): number {
    const isRealised = candidate < RATES.length;
    const variance = isRealised
      ? state[this.#slot(at, horizonIndex) + candidate]
      : this.#horizons[horizonIndex] * state[at + candidate - RATES.length];
    return Math.sqrt(variance);
  }

  /** Adds a warm-up loss of a candidate and keeps the best so far as the chosen one. */
  addLoss(
    state: Float64Array,
    at: number,
    horizonIndex: number,
    candidate: number,
    crps: number,
  ): void {
    const losses = this.#slot(at, horizonIndex) + RATES.length;
    state[losses + candidate] += crps;
    if (candidate < CANDIDATES - 1) return;
    let best = 0;
    for (let c = 1; c < CANDIDATES; c += 1) {
      if (state[losses + c] < state[losses + best]) best = c;
    }
    // One more than the candidate, so that the zeros of a fresh symbol mean that none was compared.
    state[losses + CANDIDATES] = best + 1;
  }

  chosen(state: Float64Array, at: number, horizonIndex: number): number {
    const best = state[this.#slot(at, horizonIndex) + RATES.length + CANDIDATES];
    return best === 0 ? UNCOMPARED : best - 1;
  }

  #slot(at: number, horizonIndex: number): number {
    return at + RATES.length + this.#perHorizon * horizonIndex;
  }
}
