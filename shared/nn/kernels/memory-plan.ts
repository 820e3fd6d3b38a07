import { CONSTANT_BYTES } from './emit/wasm-module.ts';

/** Vectors may read, and passes over whole arrays may write, this far past an array's end. */
const SLACK_BYTES = 64;

/** Gives out places in a memory that is sized once: growing it would cut off every view into it. */
export class MemoryPlan {
  private end = CONSTANT_BYTES;

  /** @returns the address of so many float32 (or int32) numbers, at the start of a cache line */
  numbers(count: number): number {
    const address = this.end;
    this.end = Math.ceil((address + 4 * count + SLACK_BYTES) / 64) * 64;
    return address;
  }

  get bytes(): number {
    return this.end;
  }
}
