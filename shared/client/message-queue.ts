/**
 * Messages in order to one asynchronous consumer. Bounded: `push` says no when full (policy `reject`: the client then drops its
 * connection and resumes, as a WebSocket cannot be told to wait).
 */
export class MessageQueue<T> {
  readonly #limit: number;
  readonly #consume: (message: T) => void | Promise<void>;
  readonly #onError: (error: unknown) => void;
  #waiting: T[] = [];
  #running: Promise<void> | null = null;

  constructor(options: {
    limit: number;
    consume: (message: T) => void | Promise<void>;
    onError: (error: unknown) => void;
  }) {
    this.#limit = options.limit;
    this.#consume = options.consume;
    this.#onError = options.onError;
  }

  /** @returns whether there was room */
  push(message: T): boolean {
    if (this.#waiting.length >= this.#limit) return false;
    this.#waiting.push(message);
    this.#running ??= this.#drain();
    return true;
  }

  clear(): void {
    this.#waiting = [];
  }

  /** Resolves when all that was pushed has been consumed. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        await this.#consume(next);
      }
    } catch (error) {
      this.clear();
      this.#onError(error);
    } finally {
      this.#running = null;
    }
  }
}
