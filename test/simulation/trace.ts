/** What happened in a seed, as one number: equal hashes, equal runs. Prints its lines where it is told to. */
export class Trace {
  readonly #print: ((line: string) => void) | null;
  #high = 0x811c9dc5;
  #low = 0x01000193;
  lineCount = 0;

  constructor(print: ((line: string) => void) | null = null) {
    this.#print = print;
  }

  note(nowMs: number, line: string): void {
    this.lineCount += 1;
    this.#mix(nowMs);
    for (let k = 0; k < line.length; k += 1) this.#mix(line.charCodeAt(k));
    this.#print?.(`${`${nowMs}`.padStart(6)} ${line}`);
  }

  /** 16 hex digits. */
  get hash(): string {
    const hex = (half: number): string => (half >>> 0).toString(16).padStart(8, '0');
    return hex(this.#high) + hex(this.#low);
  }

  #mix(code: number): void {
    this.#high = Math.imul(this.#high ^ code, 0x01000193);
    this.#low = Math.imul((this.#low << 5) ^ (this.#low >>> 27) ^ code, 0x9e3779b1);
  }
}
