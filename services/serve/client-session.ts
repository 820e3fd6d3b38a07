import { PipelineError } from '#shared/errors.ts';
import { CLOSE_CODE, type CloseCode } from '#shared/wire/close-code.ts';
import type { Limits, ServerMessage } from '#shared/wire/message.ts';
import { CHANNELS, type Reply, type Request, type SubscribeResult } from '#shared/wire/request.ts';
import type { Grant } from './access/grant.ts';
import { ClientPace, HARD_FACTOR } from './client-pace.ts';
import { errorReply, readRequest } from './inbound-message.ts';
import type { LiveFeed } from './live-feed.ts';
import { type Encoding, frameOf } from './message-encoding.ts';
import type { Receiver } from './receiver.ts';
import { RequestBudget } from './request-budget.ts';
import { TokenRefusedError } from './serve-errors.ts';
import { SubscribedFilters } from './subscribed-filters.ts';
import { subscribe } from './subscriptions.ts';
import { isPattern } from './symbol-filter.ts';
import type { WireFrame } from './wire-frame.ts';

/** What a session needs of its socket. */
export interface Connection {
  readonly encoding: Encoding;
  send(frame: WireFrame): void;
  /** Bytes that were sent but have not left, at most: looked at for each frame. */
  bufferedBytes(): number;
  /** The same to the byte; dearer. */
  unsentBytes(): number;
  close(code: CloseCode, reason: string): void;
}

export interface SessionOptions {
  readonly feed: LiveFeed;
  readonly limits: Limits;
  readonly nowMs: () => number;
  /** @throws TokenRefusedError; null where no token is asked for */
  readonly verify: ((token: string) => Promise<Grant>) | null;
  /** Made once for all that may see the same. */
  readonly welcome: (grant: Grant, encoding: Encoding) => WireFrame;
}

/** How long a client may take to show its token. */
const TOKEN_MS = 5_000;
/** Requests that wait while a token is verified. */
const MOST_WAITING = 16;

/**
 * One client: its grant, its subscriptions, its pace, its end. Its queue is the socket's, bounded by `Limits.bufferedBytes`.
 * Without a grant it hears nothing, not even the welcome.
 */
export class ClientSession implements Receiver {
  readonly encoding: Encoding;
  readonly #connection: Connection;
  readonly #options: SessionOptions;
  readonly #beganMs: number;
  readonly #pace: ClientPace;
  #grant: Grant | null = null;
  #budget: RequestBudget | null = null;
  #filters: SubscribedFilters | null = null;
  /** Set while a token is verified: what came since, to be taken in order. */
  #waiting: (string | Uint8Array)[] | null = null;
  #isClosed = false;

  constructor(connection: Connection, options: SessionOptions, grant: Grant | null) {
    this.encoding = connection.encoding;
    this.#connection = connection;
    this.#options = options;
    this.#beganMs = options.nowMs();
    this.#pace = new ClientPace(options.limits);
    if (grant !== null) this.#admit(grant);
  }

  /** Has shown no token that is asked for. */
  get isStranger(): boolean {
    return this.#grant === null;
  }

  isBehind(): boolean {
    return this.#connection.bufferedBytes() > this.#options.limits.bufferedBytes / 4;
  }

  /** Has more unsent than the limit: its pace decides over it, and pings would stand behind all of that. */
  get isSlow(): boolean {
    return this.#pace.isSlow;
  }

  send(frame: WireFrame): void {
    if (this.#isClosed) return;
    const unsent = this.#connection.bufferedBytes();
    if (this.#pace.isFull(unsent)) {
      this.#closeSlow(unsent);
      return;
    }
    this.#connection.send(frame);
    if (unsent > 0) this.#pace.added(this.#connection.bufferedBytes() - unsent);
  }

  tell(message: ServerMessage | Reply): void {
    this.send(frameOf(message, this.encoding));
  }

  /** One request. What is no request at all ends the session. */
  receive(message: string | Uint8Array): void {
    if (this.#isClosed) return;
    if (this.#waiting !== null) {
      if (this.#waiting.push(message) > MOST_WAITING) {
        this.close(CLOSE_CODE.badRequest, `more than ${MOST_WAITING} requests before the answer`);
      }
      return;
    }
    try {
      const request = readRequest(message);
      if ('error' in request) this.tell(request);
      else this.#answer(request);
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      this.close(CLOSE_CODE.badRequest, error.message);
    }
  }

  /** Called often: a client that stays slow is told, then closed; one whose token has expired is closed. */
  checkPace(nowMs: number): void {
    if (this.#grant === null) {
      if (nowMs - this.#beganMs >= TOKEN_MS) this.#refuse('no token was shown in time');
    } else if (nowMs >= this.#grant.expiresMs) {
      this.close(CLOSE_CODE.tokenExpired, 'the token has expired');
    } else {
      this.#checkUnsent(nowMs);
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
    this.#options.feed.leave(this, CHANNELS);
  }

  #checkUnsent(nowMs: number): void {
    const unsent = this.#connection.unsentBytes();
    const verdict = this.#pace.look(unsent, nowMs);
    const closesInMs = this.#options.limits.slowMs;
    if (verdict === 'isTooSlow') this.#closeSlow(unsent);
    if (verdict === 'fallsBehind') this.tell({ type: 'slow', bufferedBytes: unsent, closesInMs });
  }

  #answer(request: Request): void {
    const { nowMs, limits } = this.#options;
    this.#budget ??= new RequestBudget(limits.requestsPerSecond);
    if (!this.#budget.take(nowMs())) {
      const most = `at most ${limits.requestsPerSecond} requests per second`;
      this.tell(errorReply(request.id, 'tooManyRequests', most));
    } else if (request.method === 'authenticate') {
      void this.#authenticate(request.id, request.params.token);
    } else if (this.#grant === null) {
      this.tell(errorReply(request.id, 'badToken', 'authenticate first'));
      this.#refuse('no token was shown');
    } else if (request.method === 'subscribe') {
      this.#subscribe(request, this.#grant);
    } else {
      if (request.method === 'unsubscribe') this.#unsubscribe(request.params.channels);
      this.tell({ id: request.id, result: {} });
    }
  }

  async #authenticate(id: number, token: string): Promise<void> {
    const { verify } = this.#options;
    if (verify === null) {
      this.tell({ id, result: { expiresMs: null, allowed: null } });
      return;
    }
    this.#waiting = [];
    try {
      const grant = await verify(token);
      this.tell({ id, result: { expiresMs: grant.expiresMs, allowed: grant.allowed } });
      this.#admit(grant);
    } catch (error) {
      if (!(error instanceof TokenRefusedError)) throw error;
      this.tell(errorReply(id, 'badToken', error.message));
      this.#refuse(error.message);
    }
    const waiting = this.#waiting;
    this.#waiting = null;
    for (const message of waiting) this.receive(message);
  }

  /** The first grant is answered with the welcome; a later one changes what subscriptions may see. */
  #admit(grant: Grant): void {
    if (this.#isClosed) return;
    const isFirst = this.#grant === null;
    this.#grant = grant;
    if (isFirst) this.send(this.#options.welcome(grant, this.encoding));
    else this.#filters?.allow(grant.filter, this.#options.nowMs());
  }

  #subscribe({ id, params }: Extract<Request, { method: 'subscribe' }>, grant: Grant): void {
    const { feed, nowMs, limits } = this.#options;
    const { symbols } = params;
    const refusal = this.#refusalOf(symbols, grant);
    if (refusal !== null) {
      this.tell(errorReply(id, ...refusal));
    } else if (this.isBehind()) {
      // A snapshot is large: it is not put behind what this client has not read yet.
      this.tell(errorReply(id, 'tooManyRequests', 'read what was sent before subscribing again'));
    } else {
      this.#filters ??= new SubscribedFilters(feed, this);
      const filter = this.#filters.want(params, grant.filter);
      const acknowledge = (result: SubscribeResult): void => this.tell({ id, result });
      const recoveryBytes = (HARD_FACTOR / 2) * limits.bufferedBytes;
      const wish = { feed, receiver: this, params, filter, acknowledge, recoveryBytes };
      this.#pace.subscribing(() => subscribe({ ...wish, nowMs: Math.round(nowMs()) }));
    }
  }

  #refusalOf(
    symbols: readonly string[],
    { filter }: Grant,
  ): ['tooManySymbols' | 'notAllowed', string] | null {
    const { symbolsPerSubscription, patternsPerSubscription } = this.#options.limits;
    if (symbols.length > symbolsPerSubscription) {
      const most = `at most ${symbolsPerSubscription} symbols, were ${symbols.length}`;
      return ['tooManySymbols', most];
    }
    const patterns = symbols.filter(isPattern).length;
    if (patterns > patternsPerSubscription) {
      return ['tooManySymbols', `at most ${patternsPerSubscription} patterns, were ${patterns}`];
    }
    const refused = symbols.find((name) => !isPattern(name) && !filter.has(name));
    return refused === undefined ? null : ['notAllowed', `the token does not allow ${refused}`];
  }

  #unsubscribe(channels: SubscribedChannels): void {
    this.#options.feed.leave(this, channels);
    this.#filters?.forget(channels);
  }

  #refuse(why: string): void {
    this.close(CLOSE_CODE.badToken, why);
  }

  #closeSlow(unsent: number): void {
    this.close(CLOSE_CODE.slowClient, `${unsent} bytes were unsent`);
  }
}

type SubscribedChannels = Extract<Request, { method: 'unsubscribe' }>['params']['channels'];
