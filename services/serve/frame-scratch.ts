import type { WireFrame } from './wire-frame.ts';

const FIRST_BYTES = 64 * 1_024;

/** Memory that frames of one receiver are put together in, one after the other: a buffer for each would keep the garbage collector busy. */
export class FrameScratch {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);

  /** The frame's bytes, until the next call. */
  bytesOf(frame: WireFrame): Uint8Array {
    const { byteLength } = frame;
    if (byteLength > this.#bytes.length) this.#renew(2 * byteLength);
    frame.copyTo(this.#bytes);
    return this.#bytes.subarray(0, byteLength);
  }

  /** Leaves the last bytes to who has not done with them. */
  letGo(): void {
    this.#renew(this.#bytes.length);
  }

  #renew(byteLength: number): void {
    this.#bytes = Buffer.allocUnsafeSlow(byteLength);
  }
}
