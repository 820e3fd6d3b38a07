export interface PulseOptions {
  /** Nothing was heard for half a heartbeat: a sign of life is to be asked for. */
  readonly onQuiet: () => void;
  /** Nothing was heard for two heartbeats: the other side is gone. */
  readonly onSilent: () => void;
}

/** Until the welcome tells it. */
const FIRST_HEARTBEAT_MS = 10_000;

/** Notices that a connection has died without a word; browsers hide the server's pings. */
export class Pulse {
  readonly #options: PulseOptions;
  #heartbeatMs = FIRST_HEARTBEAT_MS;
  #heardMs = 0;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** A new connection, or the server has said how often it pings. */
  begin(heartbeatMs = this.#heartbeatMs): void {
    this.end();
    this.#heartbeatMs = heartbeatMs;
    this.heard();
    this.#timer = setInterval(() => this.#beat(), heartbeatMs / 2);
  }

  heard(): void {
    this.#heardMs = Date.now();
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #beat(): void {
    const silentMs = Date.now() - this.#heardMs;
    if (silentMs > 2 * this.#heartbeatMs) this.#options.onSilent();
    else if (silentMs > this.#heartbeatMs / 2) this.#options.onQuiet();
  }
}
