import type { Forecast } from '#shared/forecast/forecast.ts';
import type { WireHistory } from '#shared/wire/message.ts';

/** Most that is kept of one symbol, in origins. */
export const HISTORY_ORIGINS = 512;

type Point = Pick<Forecast, 'origin' | 'eventTimeNs' | 'originValue'>;

/** The newest values of one symbol: what a chart's past needs, without the forecasts made there. */
export class SymbolHistory {
  readonly #points: Point[] = [];

  push({ origin, eventTimeNs, originValue }: Forecast): void {
    this.#points.push({ origin, eventTimeNs, originValue });
    if (this.#points.length >= 2 * HISTORY_ORIGINS) this.#points.splice(0, HISTORY_ORIGINS);
  }

  /** At most `count`, oldest first. */
  newest(symbol: string, count: number): WireHistory {
    const points = this.#points.slice(-Math.min(count, HISTORY_ORIGINS));
    return {
      symbol,
      origins: points.map((point) => point.origin),
      eventTimesNs: points.map((point) => `${point.eventTimeNs}`),
      values: points.map((point) => point.originValue),
    };
  }
}
