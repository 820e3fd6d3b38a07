import { exp, ln } from '#shared/numeric/elementary.ts';

/** What the experts keep of the weight, all together, however bad they were: one must be able to come back. */
const KEPT_SHARE = 0.01;
/** The weights of every seventh level are made anew per outcome: they move slowly, and each costs an exponential. */
const TURNS = 7;
/** Keeps the rate finite before the first outcome; relative, so that units do not matter. */
const SMALLEST = 1e-12;

export interface BernsteinSize {
  readonly levels: readonly number[];
  /** What each expert counts before anything is learnt; sums to 1. */
  readonly prior: readonly number[];
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
  /** Counts the outcomes learnt from: says which levels' weights are made anew. */
  readonly turn: number;
}

/**
 * Bernstein online aggregation (Wintenberger 2017) of K quantile forecasts on the pinball loss, with the gradient trick: per level
 * and expert a weight from its prior p, its regret R and the sum V of its squares, w ~ p eta exp(eta R - eta^2 V) with
 * eta = min(sqrt(ln K / (V overlap)), 1 / (largest |r| overlap)). Feedback may be late: it is learnt from when it comes.
 *
 * Slots per level: the largest |r|, then R, V and w of every expert. All zero is a fresh start, with the prior.
 */
export class BernsteinWeights {
  /** Float64 slots. */
  readonly slots: number;
  readonly #levels: readonly number[];
  readonly #prior: readonly number[];
  readonly #experts: number;
  readonly #overlap: number;
  readonly #perLevel: number;
  readonly #logExperts: number;
  readonly #scratch: Float64Array;

  constructor(size: BernsteinSize) {
    this.#levels = size.levels;
    this.#prior = size.prior;
    this.#experts = size.prior.length;
    this.#overlap = size.overlap;
    this.#perLevel = 1 + 3 * this.#experts;
    this.#logExperts = ln(this.#experts);
    this.#scratch = new Float64Array(this.#experts);
    this.slots = size.levels.length * this.#perLevel;
  }

  /**
   * Writes the weighted mean of the experts' quantiles, kept from crossing, one per level; and what each expert counts in it.
   *
   * @param rows   K rows of levels
   * @param shares K weights in [0, 1], mean over the levels
   */
  mix(
    state: Float64Array,
    at: number,
    rows: Float64Array,
    { mixed, shares }: { readonly mixed: Float64Array; readonly shares: Float64Array },
  ): void {
    const K = this.#experts;
    const L = this.#levels.length;
    const perLevel = this.#perLevel;
    const first = at + 1 + 2 * K;
    for (let l = 0; l < L; l += 1) mixed[l] = 0;
    // Expert by expert, so that its share is summed up in a register.
    for (let j = 0; j < K; j += 1) {
      const prior = this.#prior[j];
      let share = 0;
      for (let l = 0; l < L; l += 1) {
        const known = state[first + l * perLevel + j];
        // No weight that was ever learnt is zero.
        const weight = known === 0 ? prior : known;
        share += weight;
        mixed[l] += weight * rows[j * L + l];
      }
      shares[j] = share / L;
    }
    for (let l = 1; l < L; l += 1) if (!(mixed[l] > mixed[l - 1])) mixed[l] = mixed[l - 1];
  }

  learn(state: Float64Array, at: number, issued: IssuedRows, outcome: Outcome): void {
    const { happened, tie } = outcome;
    const { rows, at: issuedAt } = issued;
    const levels = this.#levels;
    const perLevel = this.#perLevel;
    const K = this.#experts;
    const L = levels.length;
    let due = outcome.turn % TURNS;
    let slot = at;
    for (let l = 0; l < L; l += 1) {
      const mixed = rows[issuedAt + K * L + l];
      const slope = shareBelow(happened - mixed, tie) - levels[l];
      let largest = state[slot];
      for (let j = 0; j < K; j += 1) {
        const regret = slope * (mixed - rows[issuedAt + j * L + l]);
        state[slot + 1 + j] += regret;
        state[slot + 1 + K + j] += regret * regret;
        if (Math.abs(regret) > largest) largest = Math.abs(regret);
      }
      state[slot] = largest;
      if (l === due) {
        this.#weigh(state, slot);
        due += TURNS;
      }
      slot += perLevel;
    }
  }

  #weigh(state: Float64Array, at: number): void {
    const experts = this.#experts;
    const overlap = this.#overlap;
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
      state[weights + j] = rate * this.#prior[j];
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
}

function shareBelow(above: number, tie: number): number {
  if (above > tie) return 0;
  return above < -tie ? 1 : 0.5;
}
