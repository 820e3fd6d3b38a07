import { mayReconnect } from '#shared/wire/close-code.ts';
import type { SentUpdate, ServerMessage, WelcomeMessage } from '#shared/wire/message.ts';
import type { Reply, UnnumberedRequest, WirePosition } from '#shared/wire/request.ts';
import { ConnectionRefusedError } from './client-errors.ts';
import { type Connectivity, hostConnectivity } from './connectivity.ts';
import type { ForecastClientOptions } from './forecast-client-options.ts';
import type { ConnectionState, Listener } from './listener.ts';
import { type MessageFormat, messageFormat } from './message-format.ts';
import { MessageQueue } from './message-queue.ts';
import { Pulse } from './pulse.ts';
import { reconnectDelayMs } from './reconnect-delay.ts';
import { StreamSocket } from './stream-socket.ts';
import { type Subscription, Subscriptions } from './subscriptions.ts';
import { TokenKeeper } from './token-keeper.ts';
import { UpdateReader } from './update-reader.ts';

export type { ForecastClientOptions } from './forecast-client-options.ts';
export type { Subscription } from './subscriptions.ts';

const QUEUE_MESSAGES = 1_000;

/**
 * Forecasts from a foretick server, in browsers and Node, without dependencies. Connects at once, connects again when it has to,
 * resumes where it was, gives every forecast once and in order, and never gives one of another run as if it were of this.
 */
export class ForecastClient {
  /** Resolves after `close`; rejects when the server refuses for good, or with what a listener threw. */
  readonly done: Promise<void>;
  readonly #options: ForecastClientOptions;
  readonly #listener: Listener;
  readonly #reader: UpdateReader;
  readonly #subscriptions: Subscriptions;
  /** Of messages as they came: they are read one after the other, as some are to be inflated. */
  readonly #queue: MessageQueue<unknown>;
  readonly #keeper: TokenKeeper | null;
  readonly #connectivity: Connectivity;
  readonly #format: MessageFormat;
  readonly #pulse = new Pulse({
    onQuiet: () => this.#ask({ method: 'ping' }),
    onSilent: () => this.#socket !== null && this.#lose(this.#socket, 1006, 'nothing was heard'),
  });
  #settle!: { resolve: () => void; reject: (error: unknown) => void };
  #socket: StreamSocket | null = null;
  #attempt = 0;
  #requestId = 0;
  #isConnected = false;
  #retryTimer: ReturnType<typeof setTimeout> | null = null;
  #forgetOnline: () => void = () => {};
  #isClosed = false;

  constructor(options: ForecastClientOptions, listener: Listener) {
    this.#options = options;
    this.#listener = listener;
    this.#reader = new UpdateReader(options);
    this.#subscriptions = new Subscriptions(options, {
      ask: (params) => this.#ask({ method: 'subscribe', params }),
      drop: (channels) => this.#ask({ method: 'unsubscribe', params: { channels } }),
      position: () => this.#reader.position,
    });
    // Not `Promise.withResolvers`: Node 20 has none.
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Who awaits `done` hears of a failure; nobody has to.
    this.done.catch(() => {});
    this.#queue = new MessageQueue({
      limit: QUEUE_MESSAGES,
      consume: (received) => this.#read(received),
      onError: (error) => this.#end(error),
    });
    this.#connectivity = options.connectivity ?? hostConnectivity();
    this.#format = messageFormat(options);
    this.#keeper = this.#keeperOf(options.token);
    this.#connect();
  }

  /** What to pass as `position` to go on later without gap or repeat; null before the first snapshot. */
  get position(): WirePosition | null {
    return this.#reader.position;
  }

  /**
   * Replaces what is heard of the channels that it names, on the connection that stands and on later ones; other channels go on.
   * Forecasts begin with a snapshot. No symbols: nothing is heard of them.
   */
  subscribe(wanted: Subscription): void {
    this.#subscriptions.change(wanted);
  }

  /** Ends the connection; resolves when the last listener call has. */
  async close(): Promise<void> {
    this.#end(null);
    await this.#queue.idle();
  }

  #keeperOf(token: ForecastClientOptions['token']): TokenKeeper | null {
    if (token === undefined) return null;
    return new TokenKeeper({
      token,
      show: (shown) => this.#ask({ method: 'authenticate', params: { token: shown } }),
      onError: (error) => this.#end(error),
    });
  }

  #connect(): void {
    if (this.#isClosed) return;
    if (!this.#connectivity.isOnline()) {
      this.#tell({ kind: 'reconnecting', reason: 'there is no network' });
      this.#forgetOnline = this.#connectivity.onOnline(() => this.#connect());
      return;
    }
    this.#tell({ kind: this.#attempt === 0 ? 'connecting' : 'reconnecting' });
    const { url, webSocket } = this.#options;
    const socket = new StreamSocket(
      { url, webSocket, format: this.#format },
      {
        onOpen: () => void this.#keeper?.begin(),
        onMessage: (received) => this.#hear(socket, received),
        onClose: (code, reason) => this.#lose(socket, code, reason),
      },
    );
    this.#socket = socket;
    this.#pulse.begin();
  }

  #hear(socket: StreamSocket, received: unknown): void {
    if (socket !== this.#socket) return;
    this.#pulse.heard();
    if (!this.#queue.push(received)) this.#lose(socket, 1000, 'the listener was too slow');
  }

  async #read(received: unknown): Promise<void> {
    const read = this.#format.read(received);
    const message = read instanceof Promise ? await read : read;
    if (message !== null) await this.#take(message);
  }

  /** The connection is of no more use: whatever it still says is not heard. */
  #lose(socket: StreamSocket, code: number, reason: string): void {
    if (socket !== this.#socket) return;
    this.#detach();
    if (!mayReconnect(code)) {
      this.#end(new ConnectionRefusedError(`the server closed with ${code}: ${reason}`, { code }));
      return;
    }
    const retryInMs = reconnectDelayMs(this.#attempt, {
      baseMs: this.#options.reconnectBaseMs ?? 500,
      capMs: this.#options.reconnectCapMs ?? 20_000,
      random: this.#options.random ?? Math.random,
    });
    this.#attempt += 1;
    this.#tell({ kind: 'reconnecting', reason: reason || `closed with ${code}`, retryInMs });
    this.#retryTimer = setTimeout(() => {
      // The position is right once the listener has had all that came before.
      void this.#queue.idle().then(() => this.#connect());
    }, retryInMs);
  }

  #detach(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#isConnected = false;
    this.#subscriptions.end();
    this.#keeper?.end();
    this.#forgetOnline();
    this.#pulse.end();
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    socket?.close();
  }

  #end(error: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#detach();
    this.#queue.clear();
    this.#tell({ kind: 'closed', reason: error instanceof Error ? error.message : '' });
    if (error === null) this.#settle.resolve();
    else this.#settle.reject(error);
  }

  async #take(message: ServerMessage | Reply): Promise<void> {
    if ('id' in message) return this.#takeReply(message);
    switch (message.type) {
      case 'welcome':
        return this.#begin(message);
      case 'snapshot':
        await this.#listener.onSnapshot?.(message);
        this.#reader.restart(message);
        this.#subscriptions.tookSnapshot();
        return;
      case 'update':
        return this.#update(message);
      case 'ticks':
        return this.#listener.onTicks?.(message);
      case 'scores':
        return this.#listener.onScores?.(message);
      case 'models':
        return this.#listener.onModels?.(message);
      case 'health':
        return this.#listener.onHealth?.(message);
    }
  }

  async #begin(welcome: WelcomeMessage): Promise<void> {
    if (this.#socket !== null) this.#pulse.begin(welcome.heartbeatMs);
    this.#reader.begin(welcome.run);
    await this.#listener.onWelcome?.(welcome);
    if (this.#socket !== null && !this.#subscriptions.begin()) this.#agree();
  }

  #takeReply(reply: Reply): void {
    this.#keeper?.take(reply);
    const answer = this.#subscriptions.take(reply);
    if (answer.kind === 'later') {
      if (this.#socket !== null) this.#lose(this.#socket, 1000, answer.why);
    } else if (answer.kind === 'agreed') this.#agree();
  }

  #agree(): void {
    if (this.#isConnected) return;
    this.#isConnected = true;
    this.#attempt = 0;
    this.#tell({ kind: 'connected' });
  }

  async #update(update: SentUpdate): Promise<void> {
    if (this.#subscriptions.isAwaiting) return;
    const forecasts = this.#reader.fresh(update);
    if (forecasts === null) {
      this.#subscriptions.resume();
      return;
    }
    const { sentMs, levels } = update;
    if (forecasts.length > 0) await this.#listener.onForecasts?.({ sentMs, levels, forecasts });
    this.#reader.advance(update);
  }

  /** @returns the request's id */
  #ask(request: UnnumberedRequest): number {
    this.#requestId += 1;
    this.#socket?.send({ id: this.#requestId, ...request });
    return this.#requestId;
  }

  #tell(state: Partial<ConnectionState> & Pick<ConnectionState, 'kind'>): void {
    this.#listener.onState?.({ reason: '', retryInMs: null, ...state });
  }
}
