import type { WireForecast } from '#shared/wire/message.ts';

export const WIRE_LEVELS = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975];

/** A forecast as a page receives it: around 100, one and ten ticks ahead, of the seven WIRE_LEVELS. */
export function aWireForecast(origin: number, over: Partial<WireForecast> = {}): WireForecast {
  return {
    symbol: 'a',
    measure: 'price',
    modelSha: 'ff',
    origin,
    eventTimeNs: `${origin}000000000`,
    issuedMs: origin,
    position: { partition: 0, src: `${origin}`, prev: `${origin - 1}` },
    originValue: 100,
    isWarming: false,
    merged: 0,
    score: null,
    experts: [],
    horizons: [
      {
        horizonTicks: 1,
        point: 100,
        quantiles: [99, 99.4, 99.6, 100, 100.4, 100.6, 101],
        weights: [],
      },
      { horizonTicks: 10, point: 100, quantiles: [97, 98, 99, 100, 101, 102, 103], weights: [] },
    ],
    ...over,
  };
}
