import { PipelineError } from '#shared/errors.ts';
import { CLOSE_CODE, type CloseCode } from '#shared/wire/close-code.ts';
import { encodeMessage } from '#shared/wire/codec.ts';
import type { Limits, ServerMessage } from '#shared/wire/message.ts';
import type { Reply, Request, SubscribeResult } from '#shared/wire/request.ts';
import { errorReply, readRequest } from './inbound-message.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Receiver } from './receiver.ts';
import { subscribe, unsubscribe } from './subscriptions.ts';

/** What a session needs of its socket. */
export interface Connection {
  send(text: string): void;
  /** Bytes that were sent but have not left. */
  bufferedBytes(): number;
  close(code: CloseCode, reason: string): void;
}

export interface SessionOptions {
  readonly feed: LiveFeed;
  readonly limits: Limits;
  readonly nowMs: () => number;
}

/** Unsent bytes, as a multiple of the limit, at which a session is closed at once: the bound of its queue. */
const HARD_FACTOR = 8;

/** One client: its subscriptions, its pace, its end. Its queue is the socket's, bounded by `Limits.bufferedBytes`. */
export class ClientSession implements Receiver {
  readonly #connection: Connection;
  readonly #options: SessionOptions;
  #requestTimesMs: number[] = [];
  #slowSinceMs: number | null = null;
  #isClosed = false;

  constructor(connection: Connection, options: SessionOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  isBehind(): boolean {
    return this.#connection.bufferedBytes() > this.#options.limits.bufferedBytes / 4;
  }

  send(frame: string): void {
    if (this.#isClosed) return;
    const unsent = this.#connection.bufferedBytes();
    // Looked at before the frame is added: a single large snapshot is no sign of a slow client.
    if (unsent > HARD_FACTOR * this.#options.limits.bufferedBytes) this.#closeSlow(unsent);
    else this.#connection.send(frame);
  }

  tell(message: ServerMessage | Reply): void {
    this.send(encodeMessage(message));
  }

  /** One request. What is no request at all ends the session. */
  receive(text: string): void {
    if (this.#isClosed) return;
    try {
      const request = readRequest(text);
      if ('error' in request) this.tell(request);
      else this.#answer(request);
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      this.close(CLOSE_CODE.badRequest, error.message);
    }
  }

  /** Called often: a client that stays slow is told, then closed. */
  checkPace(nowMs: number): void {
    const { bufferedBytes, slowMs } = this.#options.limits;
    const unsent = this.#connection.bufferedBytes();
    if (unsent <= bufferedBytes) {
      this.#slowSinceMs = null;
    } else if (this.#slowSinceMs === null) {
      this.#slowSinceMs = nowMs;
      this.tell({ type: 'slow', bufferedBytes: unsent, closesInMs: slowMs });
    } else if (nowMs - this.#slowSinceMs >= slowMs) {
      this.#closeSlow(unsent);
    }
  }

  close(code: CloseCode, reason: string): void {
    if (this.#isClosed) return;
    this.end();
    this.#connection.close(code, reason);
  }

  /** The socket is gone, or is about to be. */
  end(): void {
    this.#isClosed = true;
    this.#options.feed.leaveAll(this);
  }

  #answer(request: Request): void {
    const { feed, nowMs, limits } = this.#options;
    if (this.#isTooOften(nowMs())) {
      const most = `at most ${limits.requestsPerSecond} requests per second`;
      this.tell(errorReply(request.id, 'tooManyRequests', most));
    } else if (request.method === 'subscribe') {
      this.#subscribe(request);
    } else {
      if (request.method === 'unsubscribe') unsubscribe(feed, this, request.params.channels);
      this.tell({ id: request.id, result: {} });
    }
  }

  #subscribe({ id, params }: Extract<Request, { method: 'subscribe' }>): void {
    const { feed, nowMs, limits } = this.#options;
    if (params.symbols.length > limits.symbolsPerSubscription) {
      const most = `at most ${limits.symbolsPerSubscription} symbols, were ${params.symbols.length}`;
      this.tell(errorReply(id, 'tooManySymbols', most));
    } else if (this.isBehind()) {
      // A snapshot is large: it is not put behind what this client has not read yet.
      this.tell(errorReply(id, 'tooManyRequests', 'read what was sent before subscribing again'));
    } else {
      const acknowledge = (result: SubscribeResult): void => this.tell({ id, result });
      const recoveryBytes = (HARD_FACTOR / 2) * limits.bufferedBytes;
      subscribe({ feed, receiver: this, params, nowMs: nowMs(), recoveryBytes, acknowledge });
    }
  }

  #isTooOften(nowMs: number): boolean {
    const { requestsPerSecond } = this.#options.limits;
    this.#requestTimesMs = this.#requestTimesMs.filter((timeMs) => nowMs - timeMs < 1_000);
    if (this.#requestTimesMs.length >= requestsPerSecond) return true;
    this.#requestTimesMs.push(nowMs);
    return false;
  }

  #closeSlow(unsent: number): void {
    this.close(CLOSE_CODE.slowClient, `${unsent} bytes were unsent`);
  }
}
