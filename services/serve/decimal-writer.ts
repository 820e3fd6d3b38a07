/** Digits that `Math.round(value * scale)` may have: whole numbers up to here are exact, and their halves fit 32 bits. */
const HALF = 1e8;
const LARGEST = HALF * 2 ** 31;
const SHORT = 24;
const ZERO = 48;
const MINUS = 45;
const POINT = 46;

/** Writes JSON numbers straight into bytes: making a text of each costs more than all else about a forecast. */
export class DecimalWriter {
  #bytes = Buffer.allocUnsafe(8_192);
  #at = 0;
  readonly #digits = new Uint8Array(24);

  /** What was written since the last call, as bytes of its own. */
  take(): Uint8Array {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    return taken;
  }

  /** ASCII only. */
  text(text: string): void {
    this.#reserve(text.length);
    // A call into the host costs more than a few letters.
    if (text.length > SHORT) this.#at += this.#bytes.write(text, this.#at, 'latin1');
    else for (let k = 0; k < text.length; k += 1) this.#push(text.charCodeAt(k));
  }

  /** `value` rounded to `decimals` places, without zeros at the end. */
  number(value: number, decimals: number, scale: number): void {
    const scaled = Math.round(Math.abs(value) * scale);
    // Beyond, or not finite: rare, and the host writes it.
    if (!(scaled < LARGEST)) {
      this.text(JSON.stringify(value));
      return;
    }
    this.#reserve(32);
    if (value < 0 && scaled !== 0) this.#push(MINUS);
    this.#decimal(scaled, decimals);
  }

  #decimal(scaled: number, decimals: number): void {
    const digits = this.#digits;
    const count = Math.max(this.#split(scaled), decimals + 1);
    let last = 0;
    while (last < decimals && digits[last] === 0) last += 1;
    for (let k = count - 1; k >= decimals; k -= 1) this.#push(ZERO + digits[k]);
    if (last === decimals) return;
    this.#push(POINT);
    for (let k = decimals - 1; k >= last; k -= 1) this.#push(ZERO + digits[k]);
  }

  /** Digits from the lowest; zeros above. @returns how many count */
  #split(scaled: number): number {
    const digits = this.#digits;
    digits.fill(0);
    const high = Math.floor(scaled / HALF);
    let count = 0;
    // 32-bit arithmetic: division of such numbers is a multiplication to the machine.
    let low = (scaled - high * HALF) | 0;
    for (let k = 0; low > 0; k += 1) {
      const rest = (low / 10) | 0;
      digits[k] = low - rest * 10;
      low = rest;
      count = k + 1;
    }
    let up = high | 0;
    for (let k = 8; up > 0; k += 1) {
      const rest = (up / 10) | 0;
      digits[k] = up - rest * 10;
      up = rest;
      count = k + 1;
    }
    return count;
  }

  #push(byte: number): void {
    this.#bytes[this.#at] = byte;
    this.#at += 1;
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#bytes.length + more));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}
