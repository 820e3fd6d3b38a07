import type { HorizonScore } from './score.ts';

const COUNT = 0;
const CRPS = 1;
const CRPS_LAST_VALUE = 2;
const CRPS_EWMA_GAUSSIAN = 3;
const ABSOLUTE_ERROR = 4;
const ABSOLUTE_ERROR_LAST_VALUE = 5;
const INSIDE = 6;
const PIT = 9;
const PIT_CELLS = 20;
const SLOTS_PER_HORIZON = PIT + PIT_CELLS;

/** The central intervals whose coverage is counted. */
const NOMINAL = [0.5, 0.8, 0.95] as const;

/** Forecast events between two score records of a symbol. */
export const SPAN_EVENTS = 50;

/** One matured forecast beside its baselines; CRPS and errors in offset units. */
export interface MaturedScore {
  readonly crps: number;
  readonly crpsLastValue: number;
  readonly crpsEwmaGaussian: number;
  readonly absoluteError: number;
  readonly absoluteErrorLastValue: number;
  /** Randomised PIT in [0, 1]. */
  readonly pit: number;
}

/** Running sums of the current span of one symbol, per horizon; they are part of its stored state. */
export class ScoreSpan {
  readonly slots: number;
  readonly #horizons: readonly number[];

  constructor(horizons: readonly number[]) {
    this.#horizons = horizons;
    this.slots = SLOTS_PER_HORIZON * horizons.length;
  }

  add(state: Float64Array, at: number, horizonIndex: number, score: MaturedScore): void {
    const slot = at + SLOTS_PER_HORIZON * horizonIndex;
    state[slot + COUNT] += 1;
    state[slot + CRPS] += score.crps;
    state[slot + CRPS_LAST_VALUE] += score.crpsLastValue;
    state[slot + CRPS_EWMA_GAUSSIAN] += score.crpsEwmaGaussian;
    state[slot + ABSOLUTE_ERROR] += score.absoluteError;
    state[slot + ABSOLUTE_ERROR_LAST_VALUE] += score.absoluteErrorLastValue;
    for (let k = 0; k < NOMINAL.length; k += 1) {
      if (Math.abs(score.pit - 0.5) < NOMINAL[k] / 2) state[slot + INSIDE + k] += 1;
    }
    state[slot + PIT + Math.min(PIT_CELLS - 1, Math.floor(score.pit * PIT_CELLS))] += 1;
  }

  /** The sums so far, which then start anew; empty where nothing matured. */
  take(state: Float64Array, at: number): HorizonScore[] {
    const horizons = this.#horizons.map((horizonTicks, k) =>
      read(state, at + SLOTS_PER_HORIZON * k, horizonTicks),
    );
    state.fill(0, at, at + this.slots);
    return horizons.filter((horizon) => horizon.count > 0);
  }
}

function read(state: Float64Array, slot: number, horizonTicks: number): HorizonScore {
  return {
    horizonTicks,
    count: state[slot + COUNT],
    crps: state[slot + CRPS],
    crpsLastValue: state[slot + CRPS_LAST_VALUE],
    crpsEwmaGaussian: state[slot + CRPS_EWMA_GAUSSIAN],
    absoluteError: state[slot + ABSOLUTE_ERROR],
    absoluteErrorLastValue: state[slot + ABSOLUTE_ERROR_LAST_VALUE],
    inside: [state[slot + INSIDE], state[slot + INSIDE + 1], state[slot + INSIDE + 2]],
    pit: Array.from(state.subarray(slot + PIT, slot + PIT + PIT_CELLS)),
  };
}
