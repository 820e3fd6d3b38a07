const PIECES = 256;

/**
 * Copies of short runs of numbers, cut from one larger array: an array of its own for each takes ten times as long to make. A large
 * array lives as long as any piece of it.
 */
export class FloatPieces {
  readonly #size: number;
  #block = new Float32Array(0);
  #next = 0;

  /** @param size numbers of a piece */
  constructor(size: number) {
    this.#size = size;
  }

  copyOf(values: Float32Array, from: number): Float32Array {
    if (this.#next === this.#block.length) {
      this.#block = new Float32Array(PIECES * this.#size);
      this.#next = 0;
    }
    const at = this.#next;
    this.#next += this.#size;
    for (let k = 0; k < this.#size; k += 1) this.#block[at + k] = values[from + k];
    return this.#block.subarray(at, this.#next);
  }
}
