import { encode } from '@msgpack/msgpack';
import type { Forecast } from '#shared/forecast/forecast.ts';
import { exp } from '#shared/numeric/elementary.ts';
import type { WireForecast, WireHorizon } from '#shared/wire/message.ts';
import { DecimalWriter } from './decimal-writer.ts';
import type { CarriedScore } from './realised-scores.ts';

/** A forecast and where its input stands. Its bytes are made when the first client wants them. */
export interface PlacedForecast {
  readonly symbol: string;
  readonly origin: number;
  readonly originValue: number;
  readonly isWarming: boolean;
  readonly partition: number;
  readonly src: bigint;
  readonly prev: bigint;
  readonly score: CarriedScore | null;
  /** When it came in; null for what was read back at the start. */
  readonly issuedMs: number | null;
  /** Null once there is JSON, which says all of it: thousands are kept, and objects cost the garbage collector more than bytes. */
  forecast: Forecast | null;
  /** Of the wire forecast with nothing merged. */
  json: Uint8Array | null;
  packed: Uint8Array | null;
}

export function placedForecast(
  forecast: Forecast,
  { partition, src, prev }: Pick<PlacedForecast, 'partition' | 'src' | 'prev'>,
  score: CarriedScore | null,
  issuedMs: number | null = null,
): PlacedForecast {
  const { symbol, origin, originValue, isWarming } = forecast;
  return {
    ...{ symbol, origin, originValue, isWarming, partition, src, prev, score, forecast },
    issuedMs,
    json: null,
    packed: null,
  };
}

/** Offsets are float32: ten digits of the raw value hold all that they say, and half the bytes of seventeen. */
const DIGITS = 10;

/** In raw units. */
export function wireForecast(placed: PlacedForecast, merged: number): WireForecast {
  const { forecast } = placed;
  if (forecast === null) return { ...readJson(placed), merged };
  const { scale } = precisionOf(forecast);
  return {
    symbol: forecast.symbol,
    measure: forecast.measure,
    modelSha: forecast.modelSha,
    origin: forecast.origin,
    eventTimeNs: `${forecast.eventTimeNs}`,
    issuedMs: placed.issuedMs,
    position: { partition: placed.partition, src: `${placed.src}`, prev: `${placed.prev}` },
    originValue: forecast.originValue,
    isWarming: forecast.isWarming,
    experts: forecast.experts,
    horizons: forecast.horizons.map((horizon) => wireHorizon(forecast, horizon, scale)),
    score: placed.score?.wire ?? null,
    merged,
  };
}

function readJson({ json }: PlacedForecast): WireForecast {
  return JSON.parse(Buffer.from(json ?? []).toString('latin1'));
}

const writer = new DecimalWriter();
const COMMA = 44;

/**
 * The same as JSON: made once, as many clients receive the same forecast; `merged` comes last, and is all that differs. `units`:
 * point and quantiles of each horizon, where they have been counted already.
 */
export function forecastJson(
  placed: PlacedForecast,
  merged: number,
  units: readonly number[] | null = null,
): Uint8Array {
  const json = placed.json ?? makeJson(placed, units);
  if (merged === 0) return json;
  return Buffer.concat([json.subarray(0, -'0}'.length), Buffer.from(`${merged}}`)]);
}

function makeJson(placed: PlacedForecast, units: readonly number[] | null): Uint8Array {
  const { forecast } = placed;
  if (forecast === null) throw new Error('a placed forecast is decoded or has its JSON');
  placed.json = jsonOf(placed, forecast, units);
  placed.forecast = null;
  return placed.json;
}

/** Takes its text out of the memory that it shares with forecasts made beside it. */
export function standAlone(placed: PlacedForecast): void {
  if (placed.json !== null) placed.json = new Uint8Array(placed.json);
}

function jsonOf(
  placed: PlacedForecast,
  forecast: Forecast,
  units: readonly number[] | null,
): Uint8Array {
  const precision = precisionOf(forecast);
  writer.text(headOf(forecast, placed));
  let at = 0;
  for (let k = 0; k < forecast.horizons.length; k += 1) {
    if (k > 0) writer.letter(COMMA);
    const horizon = forecast.horizons[k];
    const count = 1 + horizon.quantiles.length;
    writeHorizon(forecast, horizon, precision, units?.slice(at, at + count) ?? null);
    at += count;
  }
  writer.text(`],"score":${placed.score?.json ?? null},"merged":0}`);
  return writer.take();
}

function writeHorizon(
  forecast: Forecast,
  { horizonTicks, point, quantiles, weights }: Forecast['horizons'][number],
  { decimals, scale }: Precision,
  units: readonly number[] | null,
): void {
  writer.text('{"horizonTicks":');
  writer.number(horizonTicks, 0, 1);
  writer.text(',"point":');
  if (units !== null) writer.units(units[0], decimals, scale);
  else writer.number(unrounded(forecast, point), decimals, scale);
  writer.text(',"quantiles":[');
  for (let q = 0; q < quantiles.length; q += 1) {
    if (q > 0) writer.letter(COMMA);
    if (units !== null) writer.units(units[q + 1], decimals, scale);
    else writer.number(unrounded(forecast, quantiles[q]), decimals, scale);
  }
  writer.text('],"weights":[');
  for (let e = 0; e < weights.length; e += 1) {
    if (e > 0) writer.letter(COMMA);
    writer.number(SHARES[weights[e]], 2, 100);
  }
  writer.text(']}');
}

/** Up to the horizons. */
function headOf(forecast: Forecast, { partition, src, prev, issuedMs }: PlacedForecast): string {
  const { symbol, measure, modelSha, origin, eventTimeNs, originValue, isWarming, experts } =
    forecast;
  return `{"symbol":"${symbol}","measure":"${measure}","modelSha":"${modelSha}","origin":${origin},"eventTimeNs":"${eventTimeNs}","issuedMs":${issuedMs},"position":{"partition":${partition},"src":"${src}","prev":"${prev}"},"originValue":${originValue},"isWarming":${isWarming},"experts":${expertsJson(experts)},"horizons":[`;
}

let knownExperts: { readonly experts: readonly string[]; readonly json: string } | null = null;

/** All forecasts of a pack share their list. */
function expertsJson(experts: readonly string[]): string {
  if (knownExperts?.experts !== experts) knownExperts = { experts, json: JSON.stringify(experts) };
  return knownExperts.json;
}

/** The same as MessagePack. */
export function forecastPacked(placed: PlacedForecast, merged: number): Uint8Array {
  placed.packed ??= encode(wireForecast(placed, 0)).slice();
  return merged === 0
    ? placed.packed
    : Buffer.concat([placed.packed.subarray(0, -1), encode(merged)]);
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
    weights: sharesOf(weights),
  };
}

/** As wire forecasts have them: hundredths. */
export function sharesOf(weights: ArrayLike<number>): number[] {
  return Array.from(weights, (share) => SHARES[share]);
}

/** 255ths in hundredths. */
const SHARES = Array.from({ length: 256 }, (_, share) => Math.round(share / 2.55) / 100);

/** In raw units. */
export function unrounded({ measure, originValue }: Forecast, offset: number): number {
  return measure === 'price' ? originValue * exp(offset / 1e4) : originValue + offset;
}

function rawValue(forecast: Forecast, offset: number, scale: number): number {
  const raw = unrounded(forecast, offset);
  const scaled = Math.abs(raw) * scale;
  // Beyond 2^53 whole numbers are not told apart, and rounding would say nothing.
  if (scaled >= Number.MAX_SAFE_INTEGER) return raw;
  const rounded = Math.round(scaled) / scale;
  return raw < 0 && rounded !== 0 ? -rounded : rounded;
}

interface Precision {
  readonly decimals: number;
  /** 10 to that power: exact up to 10^22 in float64. */
  readonly scale: number;
}

/** Ten digits of the largest number of the forecast. */
export function precisionOf({ measure, originValue, horizons }: Forecast): Precision {
  let largest = Math.abs(originValue);
  if (measure !== 'price') {
    for (const { quantiles } of horizons) {
      const ends = [quantiles[0] ?? 0, quantiles.at(-1) ?? 0];
      for (const end of ends) largest = Math.max(largest, Math.abs(originValue + end));
    }
  }
  let digits = 1;
  while (digits < DIGITS && largest >= 9.5 * POWERS_OF_TEN[digits - 1]) digits += 1;
  const decimals = largest < 0.95 ? decimalsBelowOne(largest) : DIGITS - digits;
  return { decimals, scale: POWERS_OF_TEN[decimals] };
}

function decimalsBelowOne(largest: number): number {
  const [, exponent] = largest.toExponential(0).split('e');
  return Math.min(22, DIGITS - 1 - Number(exponent));
}

const POWERS_OF_TEN = Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
