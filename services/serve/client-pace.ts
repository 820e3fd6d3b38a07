import type { Limits } from '#shared/wire/message.ts';

/** Unsent bytes, as a multiple of the limit, at which a session is closed at once: the bound of its queue. */
export const HARD_FACTOR = 8;
/** A slow client that has caught up by this share of the limit gets its time anew: at 1 MiB and 5 s one that gains 52 KB/s. */
const GAIN_SHARE = 0.25;

export type Verdict = 'keepsUp' | 'fallsBehind' | 'isSlow' | 'isTooSlow';

/**
 * Whether a client reads what it is sent: its unsent bytes against the limits. What subscribing brings is as large as it is,
 * and only has to be read steadily; what comes after it has a bound.
 */
export class ClientPace {
  readonly #limits: Limits;
  #slowSince: { readonly atMs: number; readonly unsent: number } | null = null;
  /** Bytes that had to wait since the newest snapshot: so many of the unsent ones count, as they leave last. */
  #laterBytes = Number.POSITIVE_INFINITY;
  #isSubscribing = false;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get isSlow(): boolean {
    return this.#slowSince !== null;
  }

  /** Whether the queue is full, before more is added: a single large frame is no sign of a slow client. */
  isFull(unsent: number): boolean {
    const counted = Math.min(unsent, this.#laterBytes);
    return !this.#isSubscribing && counted > HARD_FACTOR * this.#limits.bufferedBytes;
  }

  /** So many bytes more are unsent. */
  added(bytes: number): void {
    this.#laterBytes += bytes;
  }

  /** What `send` adds is no part of the queue that has a bound. */
  subscribing(send: () => void): void {
    this.#isSubscribing = true;
    send();
    this.#isSubscribing = false;
    this.#laterBytes = 0;
  }

  look(unsent: number, nowMs: number): Verdict {
    const { bufferedBytes, slowMs } = this.#limits;
    const since = this.#slowSince;
    if (unsent <= bufferedBytes) {
      this.#slowSince = null;
      return 'keepsUp';
    }
    if (since === null || since.unsent - unsent >= GAIN_SHARE * bufferedBytes) {
      this.#slowSince = { atMs: nowMs, unsent };
      return since === null ? 'fallsBehind' : 'isSlow';
    }
    return nowMs - since.atMs >= slowMs ? 'isTooSlow' : 'isSlow';
  }
}
