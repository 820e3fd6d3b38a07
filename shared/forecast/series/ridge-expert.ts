import { OnlineRidge } from './online-ridge.ts';

/** Ticks between two solutions. */
const SOLVE_EVERY = 24;

export interface RidgeExpertOptions {
  readonly inputs: number;
  /** In ticks, rising. */
  readonly horizons: readonly number[];
  readonly forgetting: number;
  readonly penalty: number;
  /** Largest change that is learnt from, in the unit of its origin. */
  readonly largestTarget: number;
  /** Which of the ticks between two solutions this one solves at, so that several do not fall on one. */
  readonly turn: number;
}

/** Where the state of one symbol lies. */
export interface RidgePlace {
  readonly f64: Float64Array;
  readonly f64At: number;
  readonly f32: Float32Array;
  readonly f32At: number;
}

/** What a symbol says at its newest tick. */
export interface RidgeTick {
  /** Ticks so far with this one. */
  readonly count: number;
  readonly x: Float64Array;
  /** What changes are measured in here. */
  readonly unit: number;
  /** Changes from the origin that lies the longest horizon back to each horizon after it; null before there is one to learn from. */
  readonly matured: Float64Array | null;
}

/**
 * An online ridge as an expert on all horizons: a pair is learnt from when the truth of its longest horizon has arrived, so its inputs
 * are kept until then.
 */
export class RidgeExpert {
  readonly f64Slots: number;
  readonly f32Slots: number;
  readonly #options: RidgeExpertOptions;
  readonly #ridge: OnlineRidge;
  readonly #reach: number;
  readonly #x: Float64Array;
  readonly #y: Float64Array;

  constructor(options: RidgeExpertOptions) {
    const { inputs, horizons, forgetting, penalty } = options;
    this.#options = options;
    this.#ridge = new OnlineRidge({ inputs, outputs: horizons.length, forgetting, penalty });
    this.#reach = Math.max(...horizons);
    this.#x = new Float64Array(inputs);
    this.#y = new Float64Array(horizons.length);
    this.f64Slots = this.#ridge.slots;
    this.f32Slots = this.#reach * (inputs + 1);
  }

  /** Learns what this tick matures, keeps its inputs, and writes the changes forecast for each horizon. */
  step(place: RidgePlace, tick: RidgeTick, into: Float64Array): void {
    const { f64, f64At, f32, f32At } = place;
    const { inputs, turn } = this.#options;
    const kept = f32At + ((tick.count - 1) % this.#reach) * (inputs + 1);
    if (tick.matured !== null) this.#learn(place, kept, tick.matured);
    for (let i = 0; i < inputs; i += 1) f32[kept + i] = tick.x[i];
    f32[kept + inputs] = tick.unit;
    if (tick.count % SOLVE_EVERY === turn) this.#ridge.solve(f64, f64At);
    this.#ridge.predict(f64, f64At, tick.x, into);
    for (let h = 0; h < into.length; h += 1) into[h] *= tick.unit;
  }

  #learn({ f64, f64At, f32 }: RidgePlace, kept: number, matured: Float64Array): void {
    const { inputs, largestTarget } = this.#options;
    const unit = f32[kept + inputs];
    if (!(unit > 0)) return;
    for (let i = 0; i < inputs; i += 1) this.#x[i] = f32[kept + i];
    for (let h = 0; h < matured.length; h += 1) {
      this.#y[h] = Math.max(-largestTarget, Math.min(largestTarget, matured[h] / unit));
    }
    this.#ridge.learn(f64, f64At, this.#x, this.#y);
  }
}
