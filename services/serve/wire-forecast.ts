import { encode } from '@msgpack/msgpack';
import type { Forecast } from '#shared/forecast/forecast.ts';
import { exp } from '#shared/numeric/elementary.ts';
import type { WireForecast, WireHorizon } from '#shared/wire/message.ts';

/** A forecast and where its input stands. Its bytes are made when the first client wants them. */
export interface PlacedForecast {
  readonly forecast: Forecast;
  readonly partition: number;
  readonly src: bigint;
  readonly prev: bigint;
  /** The wire forecast up to, not with, the value of `merged`, which comes last. */
  json: Uint8Array | null;
  packed: Uint8Array | null;
}

/** Offsets are float32: ten digits of the raw value hold all that they say, and half the bytes of seventeen. */
const DIGITS = 10;

/** In raw units. */
export function wireForecast(placed: PlacedForecast, merged: number): WireForecast {
  const { forecast } = placed;
  const scale = scaleOf(forecast);
  return {
    symbol: forecast.symbol,
    modelSha: forecast.modelSha,
    origin: forecast.origin,
    eventTimeNs: `${forecast.eventTimeNs}`,
    position: { partition: placed.partition, src: `${placed.src}`, prev: `${placed.prev}` },
    originValue: forecast.originValue,
    isWarming: forecast.isWarming,
    experts: forecast.experts,
    horizons: forecast.horizons.map((horizon) => wireHorizon(forecast, horizon, scale)),
    merged,
  };
}

const NOT_MERGED = Buffer.from('0}');

/** The same as JSON, in parts: many clients receive the same forecast, so all but `merged` is written once. */
export function forecastJson(placed: PlacedForecast, merged: number): Uint8Array[] {
  placed.json ??= Buffer.from(JSON.stringify(wireForecast(placed, 0)).slice(0, -2));
  return [placed.json, merged === 0 ? NOT_MERGED : Buffer.from(`${merged}}`)];
}

const PACKED_ZERO = Uint8Array.of(0);

/** The same as MessagePack. */
export function forecastPacked(placed: PlacedForecast, merged: number): Uint8Array[] {
  placed.packed ??= encode(wireForecast(placed, 0)).slice(0, -1);
  return [placed.packed, merged === 0 ? PACKED_ZERO : encode(merged)];
}

function wireHorizon(
  forecast: Forecast,
  { horizonTicks, point, quantiles, weights }: Forecast['horizons'][number],
  scale: number,
): WireHorizon {
  const raw = new Array<number>(quantiles.length);
  for (let k = 0; k < raw.length; k += 1) raw[k] = rawValue(forecast, quantiles[k], scale);
  return {
    horizonTicks,
    point: rawValue(forecast, point, scale),
    quantiles: raw,
    weights: Array.from(weights, (share) => Math.round(share / 2.55) / 100),
  };
}

function rawValue({ measure, originValue }: Forecast, offset: number, scale: number): number {
  const raw = measure === 'price' ? originValue * exp(offset / 1e4) : originValue + offset;
  const scaled = raw * scale;
  // Beyond 2^53 whole numbers are not told apart, and rounding would say nothing.
  return Math.abs(scaled) < Number.MAX_SAFE_INTEGER ? Math.round(scaled) / scale : raw;
}

/** A power of ten: what is a whole multiple of its inverse has at most ten digits, of the largest number of the forecast. */
function scaleOf({ measure, originValue, horizons }: Forecast): number {
  let largest = Math.abs(originValue);
  if (measure !== 'price') {
    for (const { quantiles } of horizons) {
      const ends = [quantiles[0] ?? 0, quantiles.at(-1) ?? 0];
      for (const end of ends) largest = Math.max(largest, Math.abs(originValue + end));
    }
  }
  const [, exponent] = largest.toExponential(0).split('e');
  const decimals = Math.min(22, Math.max(0, DIGITS - 1 - Number(exponent)));
  return POWERS_OF_TEN[decimals];
}

/** Exact up to 10^22 in float64. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
