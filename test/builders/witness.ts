import type { ForecastsMessage, Listener } from '#shared/client/listener.ts';
import type { SnapshotMessage, WireForecast } from '#shared/wire/message.ts';
import { Heard } from './heard.ts';

/** What a client that keeps its position was given, and every breach of the promise it noticed. */
export class Witness implements Listener {
  readonly heard = new Heard<WireForecast>();
  readonly breaches: string[] = [];
  snapshotCount = 0;
  readonly #src = new Map<number, string>();
  readonly #origins = new Map<string, number>();

  onSnapshot(snapshot: SnapshotMessage): void {
    this.snapshotCount += 1;
    for (const [partition, src] of Object.entries(snapshot.position.src)) {
      this.#src.set(Number(partition), src);
    }
  }

  onForecasts({ forecasts }: ForecastsMessage): void {
    for (const forecast of forecasts) {
      this.#check(forecast);
      this.heard.push(forecast);
    }
  }

  #check({ symbol, origin, position }: WireForecast): void {
    const last = this.#src.get(position.partition) ?? '-1';
    if (position.prev !== last) {
      this.breaches.push(
        `partition ${position.partition}: ${position.src} follows ${position.prev}, had ${last}`,
      );
    }
    const before = this.#origins.get(symbol);
    if (before !== undefined && origin !== before + 1) {
      this.breaches.push(`${symbol}: origin ${origin} after ${before}`);
    }
    this.#src.set(position.partition, position.src);
    this.#origins.set(symbol, origin);
  }
}
