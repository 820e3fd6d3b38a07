import type { SentUpdate, UpdateMessage, WireDelta, WireForecast } from '#shared/wire/message.ts';
import { rebuiltForecast } from '#shared/wire/rebuilt-forecast.ts';

/** The newest forecast of each symbol that came on the subscription, which deltas are added to. */
export class ForecastBases {
  /** Null where no deltas are asked for: then nothing is kept. */
  readonly #newest: Map<string, WireForecast> | null;

  constructor(hasDeltas: boolean) {
    this.#newest = hasDeltas ? new Map() : null;
  }

  /** At each answer to a subscription nothing is known, at a snapshot its forecasts alone. */
  restart(forecasts: readonly WireForecast[] = []): void {
    this.#newest?.clear();
    for (const one of forecasts) this.#newest?.set(one.symbol, one);
  }

  /**
   * The update with each forecast whole; null where one is to be added to what is not here.
   * @throws WireFormatError `WIRE_FORMAT`
   */
  whole(update: SentUpdate): UpdateMessage | null {
    const forecasts: WireForecast[] = [];
    for (const told of update.forecasts) {
      const one = 'from' in told ? this.#rebuilt(told) : told;
      if (one === null) return null;
      this.#newest?.set(one.symbol, one);
      forecasts.push(one);
    }
    return { ...update, forecasts };
  }

  #rebuilt(delta: WireDelta): WireForecast | null {
    const base = this.#newest?.get(delta.symbol);
    return base?.origin === delta.from ? rebuiltForecast(base, delta) : null;
  }
}
