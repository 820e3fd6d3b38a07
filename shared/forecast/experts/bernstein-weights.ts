import { exp, ln } from '#shared/numeric/elementary.ts';

/** What the experts keep of the weight, all together, however bad they were: one must be able to come back. */
const KEPT_SHARE = 0.01;
/** The weights of every third level are made anew per outcome: they move slowly, and each costs an exponential. */
const TURNS = 3;
/** Keeps the rate finite before the first outcome; relative, so that units do not matter. */
const SMALLEST = 1e-12;

export interface BernsteinSize {
  readonly levels: readonly number[];
  readonly experts: number;
  /**
   * How many outcomes in a row say about the same, as targets that overlap do. The learning rate is divided by it: the bound on
   * which it rests holds for outcomes that are independent.
   */
  readonly overlap: number;
}

/** What an outcome is compared with: the experts' quantiles as they were issued, one row of levels each, then their mix. */
export interface IssuedRows {
  readonly rows: Float32Array;
  readonly at: number;
}

export interface Outcome {
  /** The change, in the unit of the rows. */
  readonly happened: number;
  /** How far apart still counts as equal. */
  readonly tie: number;
  /** Number of the origin: says which levels' weights are made anew. */
  readonly origin: number;
}

/**
 * Bernstein online aggregation (Wintenberger 2017) of K quantile forecasts on the pinball loss, with the gradient trick: per level
 * and expert a weight from its regret R and the sum V of its squares, w ~ eta exp(eta R - eta^2 V) with
 * eta = min(sqrt(ln K / (V overlap)), 1 / (largest |r| overlap)). Feedback may be late: it is learnt from when it comes.
 *
 * Slots per level: the largest |r|, then R, V and w of every expert. All zero is a fresh start, with equal weights.
 */
export class BernsteinWeights {
  /** Float64 slots. */
  readonly slots: number;
  readonly #size: BernsteinSize;
  readonly #perLevel: number;
  readonly #logExperts: number;
  readonly #scratch: Float64Array;

  constructor(size: BernsteinSize) {
    this.#size = size;
    this.#perLevel = 1 + 3 * size.experts;
    this.#logExperts = ln(size.experts);
    this.#scratch = new Float64Array(size.experts);
    this.slots = size.levels.length * this.#perLevel;
  }

  /**
   * Writes the weighted mean of the experts' quantiles, kept from crossing, one per level.
   *
   * @param rows K rows of levels
   */
  mix(state: Float64Array, at: number, rows: Float64Array, mixed: Float64Array): void {
    const { levels, experts } = this.#size;
    const L = levels.length;
    let largest = Number.NEGATIVE_INFINITY;
    for (let l = 0; l < L; l += 1) {
      const weights = this.#weightsAt(at, l);
      const isFresh = state[weights] === 0;
      let sum = 0;
      for (let j = 0; j < experts; j += 1) {
        sum += (isFresh ? 1 / experts : state[weights + j]) * rows[j * L + l];
      }
      if (sum > largest) largest = sum;
      mixed[l] = largest;
    }
  }

  learn(state: Float64Array, at: number, issued: IssuedRows, outcome: Outcome): void {
    const { levels } = this.#size;
    const turn = outcome.origin % TURNS;
    for (let l = 0; l < levels.length; l += 1) {
      this.#addRegrets(state, at + l * this.#perLevel, l, issued, outcome);
      if (l % TURNS === turn) this.#weigh(state, at + l * this.#perLevel);
    }
  }

  /** Weight of an expert in [0, 1], mean over the levels. */
  weight(state: Float64Array, at: number, expert: number): number {
    const { levels, experts } = this.#size;
    let sum = 0;
    for (let l = 0; l < levels.length; l += 1) {
      const weights = this.#weightsAt(at, l);
      sum += state[weights] === 0 ? 1 / experts : state[weights + expert];
    }
    return sum / levels.length;
  }

  #addRegrets(
    state: Float64Array,
    at: number,
    l: number,
    { rows, at: rowsAt }: IssuedRows,
    { happened, tie }: Outcome,
  ): void {
    const { levels, experts } = this.#size;
    const L = levels.length;
    const mixed = rows[rowsAt + experts * L + l];
    const above = happened - mixed;
    const slope = (above > tie ? 0 : above < -tie ? 1 : 0.5) - levels[l];
    let largest = state[at];
    for (let j = 0; j < experts; j += 1) {
      const regret = slope * (mixed - rows[rowsAt + j * L + l]);
      state[at + 1 + j] += regret;
      state[at + 1 + experts + j] += regret * regret;
      if (Math.abs(regret) > largest) largest = Math.abs(regret);
    }
    state[at] = largest;
  }

  #weigh(state: Float64Array, at: number): void {
    const { experts, overlap } = this.#size;
    const largest = state[at];
    if (largest === 0) return;
    const exponents = this.#scratch;
    const weights = at + 1 + 2 * experts;
    const most = 1 / (largest * overlap);
    let top = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < experts; j += 1) {
      const squares = state[at + 1 + experts + j] + SMALLEST * largest * largest;
      const rate = Math.min(Math.sqrt(this.#logExperts / (squares * overlap)), most);
      const gain = rate * state[at + 1 + j];
      exponents[j] = gain - rate * rate * state[at + 1 + experts + j];
      if (exponents[j] > top) top = exponents[j];
      state[weights + j] = rate;
    }
    let sum = 0;
    for (let j = 0; j < experts; j += 1) {
      state[weights + j] *= exp(exponents[j] - top);
      sum += state[weights + j];
    }
    const share = (1 - KEPT_SHARE) / sum;
    for (let j = 0; j < experts; j += 1) {
      state[weights + j] = share * state[weights + j] + KEPT_SHARE / experts;
    }
  }

  #weightsAt(at: number, l: number): number {
    return at + l * this.#perLevel + 1 + 2 * this.#size.experts;
  }
}
