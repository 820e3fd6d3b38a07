import { ForecastClient } from '#shared/client/forecast-client.ts';
import type { ConnectionState, Listener } from '#shared/client/listener.ts';
import type { Channel } from '#shared/wire/request.ts';
import type { Board } from './board.ts';
import { isTokenRefusal, type TokenField } from './token-field.ts';

/** Up to so many symbols the page hears every forecast; beyond, of those that it shows. */
const FEW_SYMBOLS = 100;
/** Frames per second: more are not seen. */
const FORECASTS_HZ = 10;
const TICKS_HZ = 4;
/** A list that is scrolled settles for so long before the page asks for what it shows. */
const SETTLE_MS = 150;

interface Line {
  readonly client: ForecastClient;
  readonly symbols: ReadonlySet<string>;
  state: ConnectionState;
}

export interface PageStreamOptions {
  readonly board: Board;
  readonly tokens: TokenField;
  readonly onChange: () => void;
  /** All that is shown is up to date again: after the start, a choice, or a loss of the connection. */
  readonly onPresent: () => void;
}

/**
 * What the page listens to, over two connections: prices, models and health of every symbol, and forecasts and scores of the
 * symbols that it shows. Another set of those is asked for on a new connection, and the old one goes on until it has answered.
 */
export class PageStream {
  readonly #options: PageStreamOptions;
  #overview: Line | null = null;
  #detail: Line | null = null;
  #next: Line | null = null;
  #wanted: ReadonlySet<string> = new Set();
  #settling: ReturnType<typeof setTimeout> | null = null;
  #sinceMs = performance.now();
  #worst: ConnectionState = { kind: 'connecting', reason: '', retryInMs: null };

  constructor(options: PageStreamOptions) {
    this.#options = options;
  }

  start(): void {
    const { board, onChange } = this.#options;
    const channels: Channel[] = ['ticks', 'models', 'health'];
    this.#overview = this.#line(['*'], { channels, maxRateHz: TICKS_HZ }, () => ({
      onWelcome: ({ run, symbols }) => {
        board.begin(run, symbols);
        this.#follow();
        onChange();
      },
      onTicks: ({ ticks }) => {
        board.takeTicks(ticks);
        onChange();
      },
      onModels: (message) => {
        board.takeModels(message);
        onChange();
      },
      onHealth: (message) => {
        board.takeHealth(message);
        onChange();
      },
    }));
  }

  /** The worse of the two, and since when. */
  get state(): { readonly state: ConnectionState; readonly sinceMs: number } {
    return { state: this.#worst, sinceMs: this.#sinceMs };
  }

  /** Symbols that are shown, and soon will be. */
  show(symbols: readonly string[]): void {
    const isSame =
      symbols.length === this.#wanted.size && symbols.every((one) => this.#wanted.has(one));
    if (isSame) return;
    this.#wanted = new Set(symbols);
    if (this.#isFollowed() || this.#overview === null) return;
    if (this.#settling !== null) clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#follow(), SETTLE_MS);
  }

  #symbolsWanted(): readonly string[] {
    const { board } = this.#options;
    return board.symbols.size <= FEW_SYMBOLS ? ['*'] : [...this.#wanted];
  }

  #isFollowed(): boolean {
    const line = this.#next ?? this.#detail;
    return line !== null && this.#symbolsWanted().every((symbol) => line.symbols.has(symbol));
  }

  #follow(): void {
    this.#settling = null;
    const symbols = this.#symbolsWanted();
    if (this.#isFollowed() || symbols.length === 0) return;
    void this.#next?.client.close();
    const channels: Channel[] = ['forecasts', 'scores'];
    this.#next = this.#line(symbols, { channels, maxRateHz: FORECASTS_HZ }, (isMine) =>
      this.#detailListener(isMine),
    );
  }

  #detailListener(isMine: (line: Line | null) => boolean): Listener {
    const { board, onChange, onPresent } = this.#options;
    return {
      onWelcome: ({ run, symbols }) => board.begin(run, symbols),
      onSnapshot: (message) => {
        if (isMine(this.#next)) this.#promote();
        board.takeSnapshot(message);
        onPresent();
        onChange();
      },
      onForecasts: (message) => {
        if (!isMine(this.#detail)) return;
        board.takeForecasts(message, performance.now());
        onChange();
      },
      onScores: ({ scores }) => {
        board.takeScores(scores);
        onChange();
      },
    };
  }

  /** The new connection has answered: the old one has nothing more to say. */
  #promote(): void {
    void this.#detail?.client.close();
    this.#detail = this.#next;
    this.#next = null;
    this.#weigh();
  }

  #line(
    symbols: readonly string[],
    wish: { readonly channels: readonly Channel[]; readonly maxRateHz: number },
    listener: (isMine: (line: Line | null) => boolean) => Listener,
  ): Line {
    const { tokens } = this.#options;
    let state: ConnectionState = { kind: 'connecting', reason: '', retryInMs: null };
    let line: Line | null = null;
    const onState = (next: ConnectionState) => {
      state = next;
      if (line !== null) this.#changeState(line, next);
    };
    const token = () => tokens.token(state.kind === 'connected');
    const client = new ForecastClient(
      {
        url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/stream`,
        ...{ symbols, ...wish, reconnectCapMs: 5_000 },
        ...(tokens.isHeld ? { token } : {}),
      },
      { ...listener((other) => other?.client === client), onState },
    );
    line = { client, symbols: new Set(symbols), state };
    client.done.catch((error: unknown) => {
      if (isTokenRefusal(error)) tokens.refused(error);
    });
    return line;
  }

  #changeState(line: Line, state: ConnectionState): void {
    const wasConnected = line.state.kind === 'connected';
    line.state = state;
    if (line === this.#detail) {
      if (wasConnected) this.#options.board.lose();
      if (state.kind === 'connected') this.#options.onPresent();
    }
    this.#weigh();
  }

  #weigh(): void {
    const lines = [this.#overview, this.#detail ?? this.#next];
    const rank = ({ kind }: ConnectionState) => RANKS.indexOf(kind);
    const states = lines.flatMap((line) => (line === null ? [] : [line.state]));
    const worst = states.reduce((a, b) => (rank(b) > rank(a) ? b : a), states[0] ?? this.#worst);
    if (worst.kind !== this.#worst.kind) this.#options.onChange();
    if (worst !== this.#worst) this.#sinceMs = performance.now();
    this.#worst = worst;
  }
}

/** From good to bad. */
const RANKS: readonly ConnectionState['kind'][] = [
  'connected',
  'connecting',
  'reconnecting',
  'closed',
];
