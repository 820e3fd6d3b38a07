import { addProduct } from '#shared/nn/add-product.ts';

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
  /** L, its numbers below the diagonal negated: `addProduct` only adds. */
  readonly #factor: Float64Array;
  readonly #column: Float64Array;

  constructor(size: RidgeSize) {
    const { inputs: P, outputs: H } = size;
    this.#size = size;
    this.#crossAt = GRAM + P * P;
    this.#weightsAt = this.#crossAt + P * H;
    this.slots = this.#weightsAt + P * H;
    this.#factor = new Float64Array(P * P);
    this.#column = new Float64Array(P);
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
    const cross = at + this.#crossAt;
    state.copyWithin(at + this.#weightsAt, cross, cross + P * H);
    for (let i = 0; i < P; i += 1) this.#substitute(state, at, i, [0, i]);
    for (let i = P - 1; i >= 0; i -= 1) this.#substitute(state, at, i, [i + 1, P]);
  }

  /** Writes W' x, zero before the first solution. */
  predict(state: Float64Array, at: number, x: Float64Array, into: Float64Array): void {
    const { inputs: P, outputs: H } = this.#size;
    into.fill(0, 0, H);
    addProduct(1, H, P, x, 0, P, 1, state, at + this.#weightsAt, H, 1, into, 0, H);
  }

  /** Row i of the solution, from the rows of `known`: those above it forwards, those below it backwards. */
  #substitute(
    state: Float64Array,
    at: number,
    i: number,
    [from, to]: readonly [from: number, to: number],
  ): void {
    const { inputs: P, outputs: H } = this.#size;
    const L = this.#factor;
    const weights = at + this.#weightsAt;
    const row = weights + i * H;
    const [first, step] = from === 0 ? [i * P, 1] : [from * P + i, P];
    addProduct(1, H, to - from, L, first, P, step, state, weights + from * H, H, 1, state, row, H);
    const pivot = L[i * P + i];
    for (let h = 0; h < H; h += 1) state[row + h] /= pivot;
  }

  /** G + penalty I = L L' by columns. @returns false where it is not positive definite */
  #factorise(state: Float64Array, at: number): boolean {
    const { inputs: P, penalty } = this.#size;
    const L = this.#factor;
    const sums = this.#column;
    for (let j = 0; j < P; j += 1) {
      const row = j * P;
      sums.fill(0, 0, P - j);
      addProduct(1, P - j, j, L, row, P, 1, L, row, 1, P, sums, 0, P);
      const gram = at + GRAM + row + j;
      const square = state[gram] + penalty - sums[0];
      if (!(square > 0)) return false;
      const pivot = Math.sqrt(square);
      L[row + j] = pivot;
      for (let n = 1; n < P - j; n += 1) {
        L[row + j + n * P] = (sums[n] - state[gram + n * P]) / pivot;
      }
    }
    return true;
  }
}
