import { exp } from '#shared/numeric/elementary.ts';

/** Pulls towards equal weights, as a share of the mean squared error. */
const EVENNESS = 0.02;
const STEPS = 2;
const SMALLEST = 1e-6;

/**
 * Weights on the simplex that minimise the discounted squared error of the mix of K point forecasts: S <- f S + e e' from matured
 * errors, then two steps of exponentiated gradient (Kivinen and Warmuth 1997) on w' S w, warm-started. Errors that point the same
 * way are seen to, so two alike experts do not count twice. Slots: S (K x K), then w. All zero is a fresh start with equal weights.
 */
export class SimplexWeights {
  /** Float64 slots. */
  readonly slots: number;
  readonly #experts: number;
  readonly #forgetting: number;
  readonly #gradient: Float64Array;

  /** @param forgetting weight of an error after the next one */
  constructor(experts: number, forgetting: number) {
    this.#experts = experts;
    this.#forgetting = forgetting;
    this.#gradient = new Float64Array(experts);
    this.slots = experts * (experts + 1);
  }

  weight(state: Float64Array, at: number, expert: number): number {
    const K = this.#experts;
    const weights = at + K * K;
    return state[weights] === 0 ? 1 / K : state[weights + expert];
  }

  /** @param errors forecast minus truth of each expert, for a target that has become known */
  learn(state: Float64Array, at: number, errors: Float64Array): void {
    const K = this.#experts;
    const weights = at + K * K;
    let meanSquare = 0;
    const f = this.#forgetting;
    for (let a = 0; a < K; a += 1) {
      const row = at + a * K;
      for (let b = 0; b <= a; b += 1) {
        const product = f * state[row + b] + errors[a] * errors[b];
        state[row + b] = product;
        state[at + b * K + a] = product;
      }
      meanSquare += state[row + a] / K;
    }
    if (!(meanSquare > 0)) return;
    if (state[weights] === 0) state.fill(1 / K, weights, weights + K);
    for (let step = 0; step < STEPS; step += 1) this.#step(state, at, meanSquare);
  }

  #step(state: Float64Array, at: number, meanSquare: number): void {
    const K = this.#experts;
    const weights = at + K * K;
    const gradient = this.#gradient;
    let mean = 0;
    for (let a = 0; a < K; a += 1) {
      let slope = 0;
      for (let b = 0; b < K; b += 1) slope += state[at + a * K + b] * state[weights + b];
      gradient[a] = slope / meanSquare + EVENNESS * state[weights + a];
      mean += state[weights + a] * gradient[a];
    }
    let sum = 0;
    for (let a = 0; a < K; a += 1) {
      state[weights + a] = Math.max(SMALLEST, state[weights + a]) * exp(mean - gradient[a]);
      sum += state[weights + a];
    }
    for (let a = 0; a < K; a += 1) state[weights + a] /= sum;
  }
}
