export interface RidgeSize {
  /** P. */
  readonly inputs: number;
  /** H, solved for together: they share the inputs. */
  readonly outputs: number;
  /** Weight of a pair after the next one. */
  readonly forgetting: number;
  /** Added to the diagonal. */
  readonly penalty: number;
}

/** Pairs before the first solution. */
const FIRST_SOLVED = 100;
const COUNT = 0;
const GRAM = 1;

/**
 * Ridge regression that forgets (recursive least squares in covariance form): G <- f G + x x', B <- f B + x y', and when asked
 * W = (G + penalty I)^-1 B by Cholesky. Slots: pairs so far, G (P x P), B (P x H), W (P x H).
 */
export class OnlineRidge {
  /** Float64 slots. */
  readonly slots: number;
  readonly #size: RidgeSize;
  readonly #crossAt: number;
  readonly #weightsAt: number;
  readonly #factor: Float64Array;

  constructor(size: RidgeSize) {
    const { inputs: P, outputs: H } = size;
    this.#size = size;
    this.#crossAt = GRAM + P * P;
    this.#weightsAt = this.#crossAt + P * H;
    this.slots = this.#weightsAt + P * H;
    this.#factor = new Float64Array(P * P);
  }

  /** Takes in one pair. @param x P numbers @param y H numbers */
  learn(state: Float64Array, at: number, x: Float64Array, y: Float64Array): void {
    const { inputs: P, outputs: H, forgetting: f } = this.#size;
    state[at + COUNT] += 1;
    for (let i = 0; i < P; i += 1) {
      const xi = x[i];
      const gram = at + GRAM + i * P;
      // The lower half says all: Cholesky looks at no other.
      for (let j = 0; j <= i; j += 1) state[gram + j] = f * state[gram + j] + xi * x[j];
      const cross = at + this.#crossAt + i * H;
      for (let h = 0; h < H; h += 1) state[cross + h] = f * state[cross + h] + xi * y[h];
    }
  }

  /** Makes the weights anew from all pairs so far; they stay where the pairs are too few or the system is not sound. */
  solve(state: Float64Array, at: number): void {
    if (state[at + COUNT] < FIRST_SOLVED || !this.#factorise(state, at)) return;
    const { inputs: P, outputs: H } = this.#size;
    const weights = at + this.#weightsAt;
    const cross = at + this.#crossAt;
    for (let k = 0; k < P * H; k += 1) state[weights + k] = state[cross + k];
    for (let i = 0; i < P; i += 1) this.#substitute(state, weights, i, [0, i]);
    for (let i = P - 1; i >= 0; i -= 1) this.#substitute(state, weights, i, [i + 1, P]);
  }

  /** Writes W' x, zero before the first solution. */
  predict(state: Float64Array, at: number, x: Float64Array, into: Float64Array): void {
    const { inputs: P, outputs: H } = this.#size;
    into.fill(0, 0, H);
    for (let i = 0; i < P; i += 1) {
      const row = at + this.#weightsAt + i * H;
      const xi = x[i];
      for (let h = 0; h < H; h += 1) into[h] += xi * state[row + h];
    }
  }

  /** Row i of the solution, from the rows of `known`: those above it forwards, those below it backwards. */
  #substitute(
    state: Float64Array,
    weights: number,
    i: number,
    known: readonly [from: number, to: number],
  ): void {
    const { inputs: P, outputs: H } = this.#size;
    const row = weights + i * H;
    const pivot = this.#factor[i * P + i];
    for (let j = known[0]; j < known[1]; j += 1) {
      const factor = this.#factor[j < i ? i * P + j : j * P + i];
      const from = weights + j * H;
      for (let h = 0; h < H; h += 1) state[row + h] -= factor * state[from + h];
    }
    for (let h = 0; h < H; h += 1) state[row + h] /= pivot;
  }

  /** G + penalty I = L L'. @returns false where it is not positive definite */
  #factorise(state: Float64Array, at: number): boolean {
    const { inputs: P, penalty } = this.#size;
    const L = this.#factor;
    for (let i = 0; i < P; i += 1) {
      const gram = at + GRAM + i * P;
      for (let j = 0; j < i; j += 1) {
        L[i * P + j] = (state[gram + j] - this.#dot(i, j)) / L[j * P + j];
      }
      const square = state[gram + i] + penalty - this.#dot(i, i);
      if (!(square > 0)) return false;
      L[i * P + i] = Math.sqrt(square);
    }
    return true;
  }

  /** Of rows i and j of the factor, before column j. */
  #dot(i: number, j: number): number {
    const { inputs: P } = this.#size;
    const L = this.#factor;
    let sum = 0;
    for (let k = 0; k < j; k += 1) sum += L[i * P + k] * L[j * P + k];
    return sum;
  }
}
