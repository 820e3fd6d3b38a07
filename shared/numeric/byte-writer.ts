const ENCODER = new TextEncoder();
const TEXT_LIMIT = 0xffff;
const U64_END = 1n << 64n;
const I64_END = 1n << 63n;
const I64_FIRST = -I64_END;

/**
 * Writes little-endian fields one after another into a buffer that grows. Integers outside their field throw RangeError: a
 * silent wrap would be read back as another number.
 */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(Math.max(capacity, 16));
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    requireUnsigned(value, 0xff, 'u8');
    const at = this.#grow(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    requireUnsigned(value, 0xffff, 'u16');
    const at = this.#grow(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    requireUnsigned(value, 0xffffffff, 'u32');
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
  }

  u64(value: bigint): void {
    if (value < 0n || value >= U64_END) throw new RangeError(`u64 was ${value}`);
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value, true);
  }

  i64(value: bigint): void {
    if (value < I64_FIRST || value >= I64_END) throw new RangeError(`i64 was ${value}`);
    const at = this.#grow(8);
    this.#view.setBigInt64(at, value, true);
  }

  f32(value: number): void {
    const at = this.#grow(4);
    this.#view.setFloat32(at, value, true);
  }

  f64(value: number): void {
    const at = this.#grow(8);
    this.#view.setFloat64(at, value, true);
  }

  f32s(values: Float32Array): void {
    const at = this.#grow(4 * values.length);
    for (let k = 0; k < values.length; k += 1) this.#view.setFloat32(at + 4 * k, values[k], true);
  }

  bytes(value: Uint8Array): void {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
  }

  /** u16 length in bytes, then UTF-8. Lone surrogates become U+FFFD. */
  text16(value: string): void {
    if (this.#asciiText16(value)) return;
    const encoded = ENCODER.encode(value);
    if (encoded.length > TEXT_LIMIT) {
      throw new RangeError(`text takes at most ${TEXT_LIMIT} bytes, was ${encoded.length}`);
    }
    this.u16(encoded.length);
    this.bytes(encoded);
  }

  /** @returns what was written as a view, which the next field may make stale */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** @returns a copy of what was written; the writer goes on where it stood */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Starts again at nothing, keeping the buffer. */
  reset(): void {
    this.#length = 0;
  }

  /** Short ASCII, as symbols are, without an encoder's buffer. @returns false, having written nothing, for other text */
  #asciiText16(value: string): boolean {
    const { length } = value;
    if (length > 64) return false;
    for (let k = 0; k < length; k += 1) if (value.charCodeAt(k) > 0x7f) return false;
    const at = this.#grow(2 + length);
    this.#view.setUint16(at, length, true);
    for (let k = 0; k < length; k += 1) this.#bytes[at + 2 + k] = value.charCodeAt(k);
    return true;
  }

  /** To be called before the buffer is looked at, which it may replace. @returns where the next `count` bytes go */
  #grow(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#length = needed;
    return at;
  }
}

function requireUnsigned(value: number, atMost: number, field: string): void {
  if (!Number.isInteger(value) || value < 0 || value > atMost) {
    throw new RangeError(`${field} takes an integer from 0 to ${atMost}, was ${value}`);
  }
}
