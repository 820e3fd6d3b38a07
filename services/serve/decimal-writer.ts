/** What `Math.round(value * scale)` may be: two halves of eight digits, which fit 32 bits and are exact. */
const LARGEST = 1e16;
const HALF = 1e8;
const QUAD = 1e4;
const DIGITS = 16;
const SHORT = 24;
const ZERO = 48;
const MINUS = 45;
const POINT = 46;
const CHUNK = 256 * 1_024;
/** More than what one number can be. */
const NUMBER_BYTES = 32;

/**
 * Writes JSON numbers straight into bytes: making a text of each costs more than all else about a forecast. What is taken lies
 * in large chunks that many share, as a buffer of its own for each would keep the garbage collector busy.
 */
export class DecimalWriter {
  #bytes = Buffer.allocUnsafeSlow(CHUNK);
  #from = 0;
  #at = 0;

  /** What was written since the last call. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(this.#from, this.#at);
    this.#from = this.#at;
    return taken;
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

  /** `value` rounded to `decimals` places, without zeros at the end. `scale`: 10 to the power of `decimals`. */
  number(value: number, decimals: number, scale: number): void {
    const scaled = Math.round(Math.abs(value) * scale);
    // Beyond, or not finite: rare, and the host writes it.
    if (!(scaled < LARGEST)) {
      this.text(JSON.stringify(value));
      return;
    }
    this.#reserve(NUMBER_BYTES);
    if (value < 0 && scaled !== 0) {
      this.#bytes[this.#at] = MINUS;
      this.#at += 1;
    }
    const high = Math.floor(scaled / HALF);
    setQuads(0, high | 0);
    setQuads(2, (scaled - high * HALF) | 0);
    this.#at = copyDecimal(this.#bytes, this.#at, DIGITS - decimals);
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const begun = this.#bytes.subarray(this.#from, this.#at);
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(CHUNK, 2 * (begun.length + more)));
    this.#bytes.set(begun);
    this.#from = 0;
    this.#at = begun.length;
  }
}

/** The sixteen digits of the number that is being written, and a table of all four digits. */
const digits = new Uint8Array(DIGITS);
const digitQuads = new Uint32Array(digits.buffer);
const QUADS = new Uint32Array(
  Uint8Array.from(
    Array.from({ length: QUAD }, (_, k) => `${k}`.padStart(4, '0')).join(''),
    (digit) => ZERO + Number(digit),
  ).buffer,
);

/** Eight digits, 32-bit arithmetic: division of such numbers is a multiplication to the machine. */
function setQuads(at: number, half: number): void {
  const upper = (half / QUAD) | 0;
  digitQuads[at] = QUADS[upper];
  digitQuads[at + 1] = QUADS[half - upper * QUAD];
}

/** `digits` with a point before `point`, without needless zeros. @returns where it ends */
function copyDecimal(bytes: Uint8Array, start: number, point: number): number {
  let at = start;
  let from = 0;
  while (from < point - 1 && digits[from] === ZERO) from += 1;
  if (point < 1) bytes[at++] = ZERO;
  for (; from < point; from += 1) bytes[at++] = digits[from];
  let end = DIGITS;
  while (end > from && digits[end - 1] === ZERO) end -= 1;
  if (end === from) return at;
  bytes[at++] = POINT;
  for (let k = point; k < 0; k += 1) bytes[at++] = ZERO;
  for (; from < end; from += 1) bytes[at++] = digits[from];
  return at;
}
