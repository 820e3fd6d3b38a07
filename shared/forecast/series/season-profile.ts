import { ewmaRate, ewmaStep } from '#shared/features/ewma.ts';

/** Seasons of the half-life. */
const MEMORY_SEASONS = 3;
/** A distance moves the profile by at most so many spreads: one stuck sensor must not stand in it for weeks. */
const LARGEST_STEP = 3;
const RESIDUAL = 0;
const PHASES = 1;

/**
 * The usual course of a season: per phase a running mean of how far the value stands from its running mean, so that a level that
 * drifts does not smear it. Slots: how far the newest value stood from what the profile had for it, then one per phase.
 */
export class SeasonProfile {
  /** Float64 slots. */
  readonly slots: number;
  readonly #season: number;
  readonly #rate: number;

  constructor(seasonTicks: number) {
    this.#season = seasonTicks;
    this.#rate = ewmaRate(MEMORY_SEASONS);
    this.slots = PHASES + seasonTicks;
  }

  /**
   * @param count  values so far with this one
   * @param off    its distance from the running mean
   * @param spread usual size of such a distance
   */
  observe(
    state: Float64Array,
    at: number,
    count: number,
    { off, spread }: { readonly off: number; readonly spread: number },
  ): void {
    const slot = at + PHASES + ((count - 1) % this.#season);
    const usual = state[slot];
    const largest = LARGEST_STEP * spread;
    const residual = off - usual;
    const counted = usual + Math.max(-largest, Math.min(largest, residual));
    state[at + RESIDUAL] = residual;
    state[slot] = ewmaStep(usual, counted, this.#rate, Math.ceil(count / this.#season));
  }

  /** Goes on with values whose distances have become `factor` times as large. */
  rescale(state: Float64Array, at: number, factor: number): void {
    for (let slot = at; slot < at + this.slots; slot += 1) state[slot] *= factor;
  }

  residual(state: Float64Array, at: number): number {
    return state[at + RESIDUAL];
  }

  /** Usual distance from the running mean, `horizon` ticks after value number `count`. */
  usual(state: Float64Array, at: number, count: number, horizon: number): number {
    return state[at + PHASES + ((count - 1 + horizon) % this.#season)];
  }
}
