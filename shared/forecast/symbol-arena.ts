import { CorruptBytesError } from '#shared/errors.ts';
import type { SymbolName } from '#shared/market/symbol.ts';

/** Rises with any change of what a symbol's slots mean; a stored state of another version is refused, never misread. */
const VERSION = 1;
const HEADER_BYTES = 16;

/**
 * The state of many symbols as rows of two arrays: float64 slots for statistics, float32 slots for the network and for pending
 * quantiles. A row is the whole truth about its symbol, so storing it is copying it; rows are found by index in the fold.
 */
export class SymbolArena {
  f64: Float64Array;
  f32: Float32Array;
  readonly #f64Slots: number;
  readonly #f32Slots: number;
  readonly #rows = new Map<SymbolName, number>();
  readonly #names: SymbolName[] = [];

  constructor(f64Slots: number, f32Slots: number) {
    this.#f64Slots = f64Slots;
    this.#f32Slots = f32Slots;
    this.f64 = new Float64Array(16 * f64Slots);
    this.f32 = new Float32Array(16 * f32Slots);
  }

  get size(): number {
    return this.#names.length;
  }

  rowOf(symbol: SymbolName): number | undefined {
    return this.#rows.get(symbol);
  }

  nameOf(row: number): SymbolName {
    return this.#names[row];
  }

  f64At(row: number): number {
    return row * this.#f64Slots;
  }

  f32At(row: number): number {
    return row * this.#f32Slots;
  }

  /** Adds a row of zeros. */
  add(symbol: SymbolName): number {
    const row = this.#names.length;
    this.#names.push(symbol);
    this.#rows.set(symbol, row);
    if ((row + 1) * this.#f64Slots > this.f64.length) this.#grow();
    return row;
  }

  /** Version, slot counts, then the slots as they lie in memory (little-endian on every platform Node runs on). */
  bytesOf(row: number): Uint8Array {
    const f64Bytes = this.#f64Slots * 8;
    const bytes = new Uint8Array(HEADER_BYTES + f64Bytes + this.#f32Slots * 4);
    const header = new DataView(bytes.buffer);
    header.setUint8(0, VERSION);
    header.setUint32(4, this.#f64Slots, true);
    header.setUint32(8, this.#f32Slots, true);
    new Float64Array(bytes.buffer, HEADER_BYTES, this.#f64Slots).set(
      this.f64.subarray(this.f64At(row), this.f64At(row) + this.#f64Slots),
    );
    new Float32Array(bytes.buffer, HEADER_BYTES + f64Bytes, this.#f32Slots).set(
      this.f32.subarray(this.f32At(row), this.f32At(row) + this.#f32Slots),
    );
    return bytes;
  }

  /** @throws CorruptBytesError `BYTES_CORRUPT` where the bytes are of another version or of other settings */
  restore(symbol: SymbolName, stored: Uint8Array): number {
    // A copy, since stored bytes may begin at any address and a Float64Array may not.
    const bytes = stored.slice();
    this.#check(symbol, bytes);
    const row = this.#rows.get(symbol) ?? this.add(symbol);
    const f64Bytes = this.#f64Slots * 8;
    this.f64.set(new Float64Array(bytes.buffer, HEADER_BYTES, this.#f64Slots), this.f64At(row));
    this.f32.set(
      new Float32Array(bytes.buffer, HEADER_BYTES + f64Bytes, this.#f32Slots),
      this.f32At(row),
    );
    return row;
  }

  #check(symbol: SymbolName, bytes: Uint8Array): void {
    const expected = HEADER_BYTES + this.#f64Slots * 8 + this.#f32Slots * 4;
    const version = bytes[0];
    if (version !== VERSION || bytes.length !== expected) {
      throw new CorruptBytesError(
        `state of ${symbol} must be version ${VERSION} and ${expected} bytes, was version ${version} and ${bytes.length} bytes`,
        { symbol },
      );
    }
    const header = new DataView(bytes.buffer);
    const f64Slots = header.getUint32(4, true);
    const f32Slots = header.getUint32(8, true);
    // Two float32 slots are as long as one float64 slot, so the length alone does not tell other settings.
    if (f64Slots !== this.#f64Slots || f32Slots !== this.#f32Slots) {
      throw new CorruptBytesError(
        `state of ${symbol} must have ${this.#f64Slots} and ${this.#f32Slots} slots, was ${f64Slots} and ${f32Slots}`,
        { symbol },
      );
    }
  }

  #grow(): void {
    const f64 = new Float64Array(this.f64.length * 2);
    const f32 = new Float32Array(this.f32.length * 2);
    f64.set(this.f64);
    f32.set(this.f32);
    this.f64 = f64;
    this.f32 = f32;
  }
}
