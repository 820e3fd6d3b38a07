import type { Forecast } from '#shared/forecast/forecast.ts';
import { exp } from '#shared/numeric/elementary.ts';
import type { WireForecast, WireHorizon } from '#shared/wire/message.ts';

/** A forecast and where its input stands. Its text is made when the first client wants it. */
export interface PlacedForecast {
  readonly forecast: Forecast;
  readonly partition: number;
  readonly src: bigint;
  readonly prev: bigint;
  /** JSON of the wire forecast up to, not with, `merged`. */
  text: string | null;
}

/** In raw units. */
export function wireForecast(placed: PlacedForecast, merged: number): WireForecast {
  const { forecast } = placed;
  return {
    symbol: forecast.symbol,
    modelSha: forecast.modelSha,
    origin: forecast.origin,
    eventTimeNs: `${forecast.eventTimeNs}`,
    position: { partition: placed.partition, src: `${placed.src}`, prev: `${placed.prev}` },
    originValue: forecast.originValue,
    isWarming: forecast.isWarming,
    experts: forecast.experts,
    horizons: forecast.horizons.map((horizon) => wireHorizon(forecast, horizon)),
    merged,
  };
}

/** The same as JSON. Many clients receive the same forecast, so all but `merged` is written once. */
export function forecastText(placed: PlacedForecast, merged: number): string {
  placed.text ??= JSON.stringify(wireForecast(placed, 0)).replace(/"merged":0\}$/, '');
  return `${placed.text}"merged":${merged}}`;
}

function wireHorizon(forecast: Forecast, horizon: Forecast['horizons'][number]): WireHorizon {
  const quantiles: number[] = [];
  for (const offset of horizon.quantiles) quantiles.push(rawValue(forecast, offset));
  return {
    horizonTicks: horizon.horizonTicks,
    point: rawValue(forecast, horizon.point),
    quantiles,
    weights: Array.from(horizon.weights, (share) => Math.round(share / 2.55) / 100),
  };
}

// Offsets are float32: ten digits of the raw value hold all that they say, and half the bytes of seventeen.
function rawValue({ measure, originValue }: Forecast, offset: number): number {
  const raw = measure === 'price' ? originValue * exp(offset / 1e4) : originValue + offset;
  return Number(raw.toPrecision(10));
}
