import { exp } from '#shared/numeric/elementary.ts';

const STEPS = 2;
const SMALLEST = 1e-6;

export interface SimplexOptions {
  /** K. Number 0 is believed until the others have shown that they are better. */
  readonly experts: number;
  /** Weight of an error after the next one. */
  readonly forgetting: number;
  /** Errors that share a stretch of the series: as many count as one. */
  readonly overlap: number;
}

/**
 * Weights on the simplex that minimise the discounted squared error of the mix of K point forecasts: S <- f S + e e' from matured
 * errors, then two steps of exponentiated gradient (Kivinen and Warmuth 1997) on w' S w, warm-started. Errors that point the same
 * way are seen to, so two alike experts do not count twice. A pull |w - w0|^2 towards expert 0 is worth as much as one independent
 * error: where nobody is clearly better than it, as on a random walk, the noise of what was measured is not taken for skill.
 * Slots: S (K x K), then w, then the discounted number of errors. All zero is a fresh start.
 */
export class SimplexWeights {
  /** Float64 slots. */
  readonly slots: number;
  readonly #options: SimplexOptions;
  readonly #gradient: Float64Array;

  constructor(options: SimplexOptions) {
    const { experts } = options;
    this.#options = options;
    this.#gradient = new Float64Array(experts);
    this.slots = experts * (experts + 1) + 1;
  }

  weight(state: Float64Array, at: number, expert: number): number {
    const K = this.#options.experts;
    const weights = at + K * K;
    if (state[weights] === 0) return expert === 0 ? 1 : 0;
    return state[weights + expert];
  }

  /** Independent errors among those learnt from, the old ones discounted. */
  independent(state: Float64Array, at: number): number {
    return state[at + this.slots - 1] / this.#options.overlap;
  }

  /** @param errors forecast minus truth of each expert, for a target that has become known */
  learn(state: Float64Array, at: number, errors: Float64Array): void {
    const { experts: K, forgetting, overlap } = this.#options;
    const weights = at + K * K;
    const counted = at + this.slots - 1;
    let meanSquare = 0;
    for (let a = 0; a < K; a += 1) {
      const row = at + a * K;
      for (let b = 0; b <= a; b += 1) {
        const product = forgetting * state[row + b] + errors[a] * errors[b];
        state[row + b] = product;
        state[at + b * K + a] = product;
      }
      meanSquare += state[row + a] / K;
    }
    state[counted] = forgetting * state[counted] + 1;
    if (!(meanSquare > 0)) return;
    if (state[weights] === 0) state[weights] = 1;
    const pull = overlap / state[counted];
    for (let step = 0; step < STEPS; step += 1) this.#step(state, at, meanSquare, pull);
  }

  #step(state: Float64Array, at: number, meanSquare: number, pull: number): void {
    const K = this.#options.experts;
    const weights = at + K * K;
    const gradient = this.#gradient;
    let mean = 0;
    for (let a = 0; a < K; a += 1) {
      let slope = 0;
      for (let b = 0; b < K; b += 1) slope += state[at + a * K + b] * state[weights + b];
      const away = state[weights + a] - (a === 0 ? 1 : 0);
      gradient[a] = slope / meanSquare + pull * away;
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
