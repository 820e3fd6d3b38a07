import { CorruptBytesError } from '../errors.ts';

// `fatal` so that bytes which are no UTF-8 are corrupt rather than read as U+FFFD; `ignoreBOM` so that a leading U+FEFF is kept.
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

// A view costs more than reading a tick through it, and records of one batch lie in one buffer: the newest buffer keeps its view.
let newestBuffer: ArrayBufferLike = new ArrayBuffer(0);
let newestView: DataView = new DataView(newestBuffer);

/** Reads what ByteWriter wrote. Every method throws CorruptBytesError `BYTES_CORRUPT` where the bytes end too soon. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  readonly #first: number;
  #at = 0;

  /** @param what the kind of record, named in errors: `a tick record` */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    const { buffer } = bytes;
    if (buffer !== newestBuffer) {
      newestBuffer = buffer;
      newestView = new DataView(buffer);
    }
    this.#view = newestView;
    this.#first = bytes.byteOffset;
    this.#what = what;
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#first + this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#first + this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#first + this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#first + this.#take(8), true);
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#first + this.#take(8), true);
  }

  f32(): number {
    return this.#view.getFloat32(this.#first + this.#take(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#first + this.#take(8), true);
  }

  f32s(count: number): Float32Array {
    const from = this.#first + this.#take(4 * count);
    const values = new Float32Array(count);
    for (let k = 0; k < count; k += 1) values[k] = this.#view.getFloat32(from + 4 * k, true);
    return values;
  }

  /** Fills `values` with as many numbers as it is long. */
  f32sInto(values: Float32Array): void {
    const from = this.#first + this.#take(4 * values.length);
    const view = this.#view;
    for (let k = 0; k < values.length; k += 1) values[k] = view.getFloat32(from + 4 * k, true);
  }

  /** @returns a view, not a copy: it changes when the source's bytes do */
  bytes(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** @returns where the bytes passed over begin */
  skip(count: number): number {
    return this.#take(count);
  }

  text16(): string {
    const encoded = this.bytes(this.u16());
    try {
      return DECODER.decode(encoded);
    } catch (cause) {
      throw new CorruptBytesError(
        `${this.#what} must hold UTF-8 before byte ${this.#at}, was not`,
        { what: this.#what, at: this.#at },
        cause,
      );
    }
  }

  /** Bytes behind the last field mean that the writer knew a layout that we do not. */
  expectEnd(): void {
    if (this.remaining !== 0) {
      throw new CorruptBytesError(
        `${this.#what} must end at byte ${this.#at}, was ${this.#bytes.length} bytes long`,
        { what: this.#what, at: this.#at, length: this.#bytes.length },
      );
    }
  }

  #take(count: number): number {
    const at = this.#at;
    if (count < 0 || at + count > this.#bytes.length) {
      throw new CorruptBytesError(
        `${this.#what} must have ${count} more bytes at byte ${at}, was ${this.#bytes.length} bytes long`,
        { what: this.#what, at, count, length: this.#bytes.length },
      );
    }
    this.#at = at + count;
    return at;
  }
}
