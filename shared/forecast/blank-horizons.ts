import type { HorizonForecast } from './forecast.ts';
import type { Mutable } from './mutable.ts';

/** A statement about one horizon, still to be filled in. */
export type BlankHorizon = Mutable<HorizonForecast>;

/** What arrays are cut from; it lives as long as any of them. */
const BLOCK_BYTES = 8192;

/**
 * Makes statements about each of the horizons, all zero. Their arrays are cut from a larger buffer, as one of their own takes thirty times
 * as long to make, is many times as large as the few numbers it would hold, and must be collected.
 */
export class BlankHorizons {
  readonly #horizons: readonly number[];
  readonly #levelCount: number;
  readonly #expertCount: number;
  readonly #weightsAt: number;
  readonly #bytes: number;
  #block = new ArrayBuffer(0);
  #next = 0;

  constructor(horizons: readonly number[], levelCount: number, expertCount: number) {
    this.#horizons = horizons;
    this.#levelCount = levelCount;
    this.#expertCount = expertCount;
    this.#weightsAt = 4 * levelCount * horizons.length;
    // Whole words, so that the numbers of the next forecast begin at one.
    this.#bytes = this.#weightsAt + 4 * Math.ceil((expertCount * horizons.length) / 4);
  }

  make(): BlankHorizon[] {
    if (this.#next + this.#bytes > this.#block.byteLength) {
      this.#block = new ArrayBuffer(Math.max(BLOCK_BYTES, this.#bytes));
      this.#next = 0;
    }
    const at = this.#next;
    this.#next += this.#bytes;
    const made: BlankHorizon[] = [];
    for (let k = 0; k < this.#horizons.length; k += 1) made.push(this.#blank(at, k));
    return made;
  }

  #blank(at: number, k: number): BlankHorizon {
    const levelCount = this.#levelCount;
    const expertCount = this.#expertCount;
    const weightsAt = at + this.#weightsAt + expertCount * k;
    return {
      horizonTicks: this.#horizons[k],
      point: 0,
      quantiles: new Float32Array(this.#block, at + 4 * levelCount * k, levelCount),
      weights: new Uint8Array(this.#block, weightsAt, expertCount),
    };
  }
}
