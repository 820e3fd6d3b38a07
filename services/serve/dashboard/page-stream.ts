import { ForecastClient } from '#shared/client/forecast-client.ts';
import type { ConnectionState, Listener } from '#shared/client/listener.ts';
import type { Board } from './board.ts';
import { isTokenRefusal, type TokenField } from './token-field.ts';

/** Frames per second: more are not seen. */
const FORECASTS_HZ = 10;
const TICKS_HZ = 4;
/** A list that is scrolled settles for so long before the page asks for what it shows. */
const SETTLE_MS = 150;

export interface PageStreamOptions {
  readonly board: Board;
  readonly tokens: TokenField;
  readonly onChange: () => void;
  /** All that is shown is up to date again: after the start, a choice, or a loss of the connection. */
  readonly onPresent: () => void;
}

/**
 * What the page listens to, over one connection: prices, models and health of every symbol, and forecasts and scores of the
 * symbols that it shows. Another set of those begins with a snapshot; until that is there the set before goes on.
 */
export class PageStream {
  readonly #options: PageStreamOptions;
  #client: ForecastClient | null = null;
  /** What the page shows, and what it has asked for. */
  #shown: ReadonlySet<string> = new Set();
  #asked: ReadonlySet<string> = new Set();
  #awaitsSnapshot = false;
  #settling: ReturnType<typeof setTimeout> | null = null;
  #state: ConnectionState = { kind: 'connecting', reason: '', retryInMs: null };
  #sinceMs = performance.now();

  constructor(options: PageStreamOptions) {
    this.#options = options;
  }

  start(): void {
    const { tokens } = this.#options;
    const token = () => tokens.token(this.#state.kind === 'connected');
    this.#client = new ForecastClient(
      {
        url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/stream`,
        ...{ symbols: ['*'], channels: ['ticks', 'models', 'health'], maxRateHz: TICKS_HZ },
        ...{ reconnectCapMs: 5_000, deflate: true, delta: true },
        ...(tokens.isHeld ? { token } : {}),
      },
      this.#listener(),
    );
    this.#client.done.catch((error: unknown) => {
      if (isTokenRefusal(error)) tokens.refused(error);
    });
  }

  /** How the connection stands, and since when. */
  get state(): { readonly state: ConnectionState; readonly sinceMs: number } {
    return { state: this.#state, sinceMs: this.#sinceMs };
  }

  /** Symbols that are shown, and soon will be. */
  show(symbols: readonly string[]): void {
    const isSame =
      symbols.length === this.#shown.size && symbols.every((one) => this.#shown.has(one));
    if (isSame) return;
    this.#shown = new Set(symbols);
    if (this.#isFollowed() || this.#client === null) return;
    if (this.#settling !== null) clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#follow(), SETTLE_MS);
  }

  #listener(): Listener {
    const { board, onChange, onPresent } = this.#options;
    const told =
      <M>(take: (message: M) => void) =>
      (message: M) => {
        take(message);
        onChange();
      };
    return {
      onState: (state) => this.#changeState(state),
      onWelcome: told(({ run, symbols }) => {
        board.begin(run, symbols);
        this.#follow();
      }),
      onSnapshot: told((message) => {
        board.takeSnapshot(message, performance.now());
        onPresent();
        this.#awaitsSnapshot = false;
        this.#follow();
      }),
      onForecasts: told((message) => {
        board.takeForecasts(message, performance.now());
        board.ages.take(message.forecasts, Date.now());
      }),
      onTicks: told(({ ticks }) => board.takeTicks(ticks)),
      onScores: told(({ scores }) => board.takeScores(scores)),
      onModels: told((message) => board.takeModels(message)),
      onHealth: told((message) => board.takeHealth(message)),
    };
  }

  #symbolsWanted(): readonly string[] {
    const { board } = this.#options;
    return board.hearsSome ? [...this.#shown] : ['*'];
  }

  #isFollowed(): boolean {
    return this.#symbolsWanted().every((symbol) => this.#asked.has(symbol));
  }

  /** One question at a time: a snapshot is large, and is not asked for while another is on its way. */
  #follow(): void {
    this.#settling = null;
    if (this.#awaitsSnapshot || this.#isFollowed()) return;
    const symbols = this.#symbolsWanted();
    this.#asked = new Set(symbols);
    this.#awaitsSnapshot = true;
    this.#client?.subscribe({
      ...{ channels: ['forecasts', 'scores'], symbols, maxRateHz: FORECASTS_HZ },
    });
  }

  #changeState(state: ConnectionState): void {
    const { board, onChange, onPresent } = this.#options;
    const wasConnected = this.#state.kind === 'connected';
    if (state.kind !== this.#state.kind) onChange();
    this.#state = state;
    this.#sinceMs = performance.now();
    if (wasConnected) board.lose();
    if (state.kind === 'connected') onPresent();
  }
}
