import type { Answer } from './answer.ts';

/** What is told of ten thousand symbols takes tens of milliseconds to make, and many pages want the same: it is good for so long. */
const GOOD_MS = 1_000;
/** Bounds, as an answer may have 10 MB. */
const MOST_KEPT = 32;
const MOST_LETTERS = 64 * 2 ** 20;

interface Kept {
  readonly atMs: number;
  readonly answer: Answer;
}

/** Answers that many want within a second, each made once. Lives as long as the HTTP server. */
export class KeptAnswers {
  readonly #nowMs: () => number;
  readonly #kept = new Map<string, Kept>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** `key`: all that the answer depends on, but for the feed: what may be seen above all. */
  answer(key: string, make: () => Answer): Answer {
    this.#forgetOld();
    const last = this.#kept.get(key);
    if (last !== undefined) return last.answer;
    const answer = make();
    if (this.#kept.size === MOST_KEPT || this.#length() + answer.body.length > MOST_LETTERS) {
      this.#kept.clear();
    }
    this.#kept.set(key, { atMs: this.#nowMs(), answer });
    return answer;
  }

  #forgetOld(): void {
    const nowMs = this.#nowMs();
    for (const [key, { atMs }] of this.#kept) {
      if (nowMs - atMs >= GOOD_MS) this.#kept.delete(key);
    }
  }

  #length(): number {
    let length = 0;
    for (const { answer } of this.#kept.values()) length += answer.body.length;
    return length;
  }
}
