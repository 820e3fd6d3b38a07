import type { WireForecast } from '#shared/wire/message.ts';
import { ForecastClient, type ForecastClientOptions } from './forecast-client.ts';
import type { ConnectionState } from './listener.ts';

/** The newest forecast of each symbol. A new object at each change, so that views can compare by identity. */
export interface ForecastView {
  readonly forecasts: ReadonlyMap<string, WireForecast>;
  readonly levels: readonly number[];
  readonly connection: ConnectionState;
  /** Why there will be no more; null while there may be. */
  readonly error: Error | null;
}

const NOTHING: ForecastView = {
  forecasts: new Map(),
  levels: [],
  connection: { kind: 'connecting', reason: '', retryInMs: null },
  error: null,
};

/** A client and the newest of what it heard, for views that draw what is now. Connects with its first watcher, closes with its last. */
export class ForecastStore {
  #options: ForecastClientOptions;
  readonly #watchers = new Set<() => void>();
  #view = NOTHING;
  #client: ForecastClient | null = null;

  constructor(options: ForecastClientOptions) {
    this.#options = options;
  }

  get view(): ForecastView {
    return this.#view;
  }

  /**
   * Other symbols, or another rate, on the connection that stands. What there was stays in view until the snapshot of these has
   * come.
   */
  change({ symbols, maxRateHz }: Pick<ForecastClientOptions, 'symbols' | 'maxRateHz'>): void {
    const { symbols: before, maxRateHz: rateBefore, ...rest } = this.#options;
    if (symbols.join(' ') === before.join(' ') && maxRateHz === rateBefore) return;
    const wanted = { symbols, ...(maxRateHz === undefined ? {} : { maxRateHz }) };
    this.#options = { ...rest, ...wanted };
    this.#client?.subscribe({ channels: ['forecasts'], ...wanted });
    if (symbols.length === 0) this.#change({ forecasts: new Map() });
  }

  /** @returns what ends the watch */
  watch(onChange: () => void): () => void {
    this.#watchers.add(onChange);
    this.#client ??= this.#connect();
    return () => {
      this.#watchers.delete(onChange);
      if (this.#watchers.size > 0) return;
      void this.#client?.close();
      this.#client = null;
    };
  }

  #connect(): ForecastClient {
    const client = new ForecastClient(this.#options, {
      onSnapshot: ({ forecasts, levels }) => {
        this.#change({ levels, forecasts: new Map(forecasts.map((one) => [one.symbol, one])) });
      },
      onForecasts: ({ forecasts, levels }) => {
        const newest = new Map(this.#view.forecasts);
        for (const one of forecasts) newest.set(one.symbol, one);
        this.#change({ levels, forecasts: newest });
      },
      onState: (connection) => this.#change({ connection }),
    });
    client.done.catch((error: unknown) => {
      this.#change({ error: error instanceof Error ? error : new Error(String(error)) });
    });
    return client;
  }

  #change(part: Partial<ForecastView>): void {
    this.#view = { ...this.#view, ...part };
    for (const watcher of this.#watchers) watcher();
  }
}
