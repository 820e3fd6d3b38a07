import type { Forecast } from '#shared/forecast/forecast.ts';
import type { WireHistory } from '#shared/wire/message.ts';

/** Most that is kept of one symbol, in origins. */
export const HISTORY_ORIGINS = 512;

const FIRST_ORIGINS = 16;

/**
 * The newest values of one symbol: what a chart's past needs, without the forecasts made there. In numbers, not in an object
 * each: of ten thousand symbols there would be millions for the garbage collector to walk over.
 */
export class SymbolHistory {
  #origins = new Float64Array(FIRST_ORIGINS);
  #eventTimesNs = new BigInt64Array(FIRST_ORIGINS);
  #values = new Float64Array(FIRST_ORIGINS);
  /** Of all that were ever pushed; the newest lies before it, round the end. */
  #pushed = 0;

  push({ origin, eventTimeNs, originValue }: Forecast): void {
    const room = this.#values.length;
    if (this.#pushed === room && room < HISTORY_ORIGINS) this.#grow();
    const at = this.#pushed % this.#values.length;
    this.#origins[at] = origin;
    this.#eventTimesNs[at] = eventTimeNs;
    this.#values[at] = originValue;
    this.#pushed += 1;
  }

  /** At most `count`, oldest first. */
  newest(symbol: string, count: number): WireHistory {
    const kept = Math.min(count, this.#pushed, this.#values.length);
    const places = Array.from(
      { length: kept },
      (_, k) => (this.#pushed - kept + k) % this.#values.length,
    );
    return {
      symbol,
      origins: places.map((at) => this.#origins[at]),
      eventTimesNs: places.map((at) => `${this.#eventTimesNs[at]}`),
      values: places.map((at) => this.#values[at]),
    };
  }

  #grow(): void {
    const room = Math.min(HISTORY_ORIGINS, 2 * this.#values.length);
    const [origins, eventTimesNs, values] = [this.#origins, this.#eventTimesNs, this.#values];
    this.#origins = new Float64Array(room);
    this.#eventTimesNs = new BigInt64Array(room);
    this.#values = new Float64Array(room);
    this.#origins.set(origins);
    this.#eventTimesNs.set(eventTimesNs);
    this.#values.set(values);
  }
}
