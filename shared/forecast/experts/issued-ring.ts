/** Origins of one horizon whose experts' forecasts are kept at a time, at most. */
const MOST_KEPT = 16;

/**
 * What experts said at past origins, until the target is known. Targets of neighbouring origins overlap and say nearly the same, so of
 * a long horizon every `stride`-th origin is kept: memory and time stay bounded whatever the horizon.
 */
export class IssuedRing {
  /** 1 for horizons of up to 16 ticks. */
  readonly stride: number;
  /** Float32 slots. */
  readonly slots: number;
  readonly #entrySize: number;
  readonly #entries: number;

  constructor(horizonTicks: number, entrySize: number) {
    this.stride = Math.ceil(horizonTicks / MOST_KEPT);
    this.#entries = Math.ceil(horizonTicks / this.stride);
    this.#entrySize = entrySize;
    this.slots = this.#entries * entrySize;
  }

  /** @param origin counts from 1 */
  keeps(origin: number): boolean {
    return origin % this.stride === 0;
  }

  /** First slot of a kept origin's entry. The origin that matures must be read before the newest is written. */
  entryAt(at: number, origin: number): number {
    return at + ((origin / this.stride) % this.#entries) * this.#entrySize;
  }
}
