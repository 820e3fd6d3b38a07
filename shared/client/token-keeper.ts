import type { Reply } from '#shared/wire/request.ts';

export interface TokenKeeperOptions {
  readonly token: () => string | Promise<string>;
  /** Shows it to the server. @returns the request's id */
  readonly show: (token: string) => number;
  readonly onError: (error: unknown) => void;
}

/** Of the time that is left, after so much a newer token is asked for. */
const SHARE = 0.8;
/** Longest that timers of browsers and Node take. */
const LONGEST_MS = 2 ** 31 - 1;

/** A token that is shown once per connection, and again, newer, before it expires. A refusal is left to the close that follows. */
export class TokenKeeper {
  readonly #options: TokenKeeperOptions;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Rises with each connection: an answer for an earlier one is not shown. */
  #turn = 0;
  #shownId: number | null = null;

  constructor(options: TokenKeeperOptions) {
    this.#options = options;
  }

  /** The connection stands. */
  async begin(): Promise<void> {
    this.end();
    const turn = this.#turn;
    try {
      const token = await this.#options.token();
      if (turn === this.#turn) this.#shownId = this.#options.show(token);
    } catch (error) {
      if (turn === this.#turn) this.#options.onError(error);
    }
  }

  /** Looks for the answer to the token that was shown last. */
  take(reply: Reply): void {
    if (reply.id !== this.#shownId || !('result' in reply)) return;
    const { result } = reply;
    if ('expiresMs' in result && result.expiresMs !== null) this.#renewBefore(result.expiresMs);
  }

  end(): void {
    this.#turn += 1;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #renewBefore(expiresMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const inMs = Math.min(LONGEST_MS, Math.max(0, SHARE * (expiresMs - Date.now())));
    this.#timer = setTimeout(() => void this.begin(), inMs);
  }
}
