import { VLQ_LETTERS, VLQ_MORE } from '#shared/wire/vlq.ts';

const CHUNK = 256 * 1_024;
/** More than what one number can be, with what is written beyond its end and then written over. */
const NUMBER_BYTES = 64;
const QUAD = 1e4;
const EIGHT = 1e8;
const SHORT = 24;
const ZERO = 48;
const MINUS = 45;
const POINT = 46;
const VLQ_CODES = Buffer.from(VLQ_LETTERS);

/**
 * Writes JSON numbers straight into bytes: making a text of each costs more than all else about a forecast. What is taken lies
 * in large chunks that many share, as a buffer of its own for each would keep the garbage collector busy.
 */
export class DecimalWriter {
  #bytes = Buffer.allocUnsafeSlow(CHUNK);
  #view = new DataView(this.#bytes.buffer);
  #from = 0;
  #at = 0;

  /** What was written since the last call. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(this.#from, this.#at);
    this.#from = this.#at;
    return taken;
  }

  /** One letter, by its ASCII code. */
  letter(code: number): void {
    this.#reserve(1);
    this.#bytes[this.#at] = code;
    this.#at += 1;
  }

  /** ASCII only. */
  text(text: string): void {
    this.#reserve(text.length);
    // A call into the host costs more than a few letters.
    if (text.length > SHORT) {
      this.#at += this.#bytes.write(text, this.#at, 'latin1');
      return;
    }
    const bytes = this.#bytes;
    const at = this.#at;
    for (let k = 0; k < text.length; k += 1) bytes[at + k] = text.charCodeAt(k);
    this.#at = at + text.length;
  }

  /** `value` rounded to `decimals` places, at most 22, without zeros at the end. `scale`: 10 to the power of `decimals`. */
  number(value: number, decimals: number, scale: number): void {
    const scaled = Math.round(Math.abs(value) * scale);
    // Beyond, or not finite: rare, and the host writes it.
    if (scaled < Number.MAX_SAFE_INTEGER) this.units(value < 0 ? -scaled : scaled, decimals, scale);
    else this.text(JSON.stringify(value));
  }

  /** The same of a number that is whole in units of its last decimal; below 2^53. */
  units(units: number, decimals: number, scale: number): void {
    this.#reserve(NUMBER_BYTES);
    if (units < 0) this.letter(MINUS);
    const size = Math.abs(units);
    // Below 2^53 the quotient never rounds up to the next whole number, and the product is exact.
    const whole = Math.floor(size / scale);
    const rest = size - whole * scale;
    this.#at = copyWhole(this.#view, this.#at, whole);
    if (rest > 0) this.#at = copyFraction(this.#view, this.#at, rest, decimals);
  }

  /** A whole number up to 2^52 as base64 VLQ (shared/wire/vlq.ts). */
  vlq(number: number): void {
    this.#reserve(NUMBER_BYTES);
    const bytes = this.#bytes;
    let at = this.#at;
    let rest = number < 0 ? 1 - 2 * number : 2 * number;
    while (rest >= VLQ_MORE) {
      bytes[at] = VLQ_CODES[VLQ_MORE + (rest % VLQ_MORE)];
      rest = Math.floor(rest / VLQ_MORE);
      at += 1;
    }
    bytes[at] = VLQ_CODES[rest];
    this.#at = at + 1;
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const begun = this.#bytes.subarray(this.#from, this.#at);
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(CHUNK, 2 * (begun.length + more)));
    this.#view = new DataView(this.#bytes.buffer);
    this.#bytes.set(begun);
    this.#from = 0;
    this.#at = begun.length;
  }
}

/** All four digits, as the little-endian number that their ASCII codes are. */
const QUADS = Uint32Array.from({ length: QUAD }, (_, k) => {
  const digit = (place: number): number => ZERO + (Math.floor(k / place) % 10);
  return digit(1_000) | (digit(100) << 8) | (digit(10) << 16) | (digit(1) << 24);
});
const POWERS_OF_TEN = Uint32Array.from({ length: 9 }, (_, k) => 10 ** k);

/** Without zeros at the front. @returns where it ends; all of these may write up to three bytes beyond */
function copyWhole(view: DataView, at: number, whole: number): number {
  if (whole < QUAD) return copyShort(view, at, whole | 0);
  if (whole < EIGHT) {
    const upper = (whole / QUAD) | 0;
    const end = copyShort(view, at, upper);
    view.setUint32(end, QUADS[(whole | 0) - upper * QUAD], true);
    return end + 4;
  }
  const upper = Math.floor(whole / EIGHT);
  return copyEight(view, copyWhole(view, at, upper), (whole - upper * EIGHT) | 0);
}

function copyShort(view: DataView, at: number, number: number): number {
  const zeros = Number(number < 1_000) + Number(number < 100) + Number(number < 10);
  view.setUint32(at, QUADS[number] >>> (8 * zeros), true);
  return at + 4 - zeros;
}

function copyEight(view: DataView, at: number, number: number): number {
  // 32-bit arithmetic: division of such numbers is a multiplication to the machine.
  const upper = (number / QUAD) | 0;
  view.setUint32(at, QUADS[upper], true);
  view.setUint32(at + 4, QUADS[number - upper * QUAD], true);
  return at + 8;
}

/** A point and so many places, of which `rest`, above zero, are the last; without zeros at the end. */
function copyFraction(view: DataView, point: number, rest: number, places: number): number {
  view.setUint8(point, POINT);
  let at = point + 1;
  let left = places;
  for (; left > 16; left -= 1) view.setUint8(at++, ZERO);
  if (left > 8) {
    const scale = POWERS_OF_TEN[left - 8];
    const upper = Math.floor(rest / scale);
    at = copyEight(view, at, upper | 0);
    copyEight(view, at, ((rest - upper * scale) * POWERS_OF_TEN[16 - left]) | 0);
  } else {
    copyEight(view, at, (rest * POWERS_OF_TEN[8 - left]) | 0);
  }
  let end = point + 1 + places;
  while (view.getUint8(end - 1) === ZERO) end -= 1;
  return end;
}
