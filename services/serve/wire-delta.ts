import type { Forecast } from '#shared/forecast/forecast.ts';
import { DecimalWriter } from './decimal-writer.ts';
import { horizonTicksOf } from './horizon-ticks.ts';
import { hasSameItems } from './same-items.ts';
import { type PlacedForecast, precisionOf, sharesOf, unrounded } from './wire-forecast.ts';

/**
 * A forecast with its numbers as whole ones, in units of their last decimal: what deltas are differences of. One is kept of each
 * symbol until the next, which is long for a garbage collector: few objects, and nothing of what the forecast was decoded to.
 */
export interface CountedForecast
  extends Pick<PlacedForecast, 'partition' | 'src' | 'prev' | 'score' | 'issuedMs'>,
    Pick<Forecast, 'symbol' | 'measure' | 'modelSha' | 'origin' | 'eventTimeNs' | 'originValue'>,
    Pick<Forecast, 'isWarming' | 'experts'> {
  readonly horizonTicks: readonly number[];
  readonly decimals: number;
  /** Of the point and each quantile of each horizon. */
  readonly units: readonly number[];
  /** Of each expert in each horizon, in 255ths. */
  readonly weights: readonly number[];
}

/** Below it the nearest float64 of a decimal gives the units back, and changes of changes are whole numbers below 2^52. */
const LARGEST_UNITS = 2 ** 49;

/** Null where the decoded forecast is gone, or a number is too large. */
export function countedForecast(placed: PlacedForecast): CountedForecast | null {
  const { forecast, partition, src, prev, score, issuedMs } = placed;
  if (forecast === null) return null;
  const { decimals, scale } = precisionOf(forecast);
  const units = unitsOf(forecast, scale);
  if (units === null) return null;
  // Field by field: this is done for every forecast, and spreading makes objects to throw away.
  return {
    symbol: forecast.symbol,
    measure: forecast.measure,
    modelSha: forecast.modelSha,
    origin: forecast.origin,
    eventTimeNs: forecast.eventTimeNs,
    originValue: forecast.originValue,
    isWarming: forecast.isWarming,
    experts: forecast.experts,
    horizonTicks: horizonTicksOf(forecast),
    weights: weightsOf(forecast),
    partition,
    src,
    prev,
    score,
    issuedMs,
    decimals,
    units,
  };
}

function unitsOf(forecast: Forecast, scale: number): readonly number[] | null {
  const units: number[] = [];
  for (const { point, quantiles } of forecast.horizons) {
    units.push(unitsAt(forecast, point, scale));
    for (let q = 0; q < quantiles.length; q += 1) {
      units.push(unitsAt(forecast, quantiles[q], scale));
    }
  }
  for (const one of units) if (!(Math.abs(one) < LARGEST_UNITS)) return null;
  return units;
}

/** Rounded as it is written: halves away from zero. */
function unitsAt(forecast: Forecast, offset: number, scale: number): number {
  const raw = unrounded(forecast, offset);
  const size = Math.round(Math.abs(raw) * scale);
  return raw < 0 ? 0 - size : size;
}

function weightsOf({ horizons }: Forecast): number[] {
  const all: number[] = [];
  for (const { weights } of horizons) {
    for (let e = 0; e < weights.length; e += 1) all.push(weights[e]);
  }
  return all;
}

/** Its own: what is made here is gone with its frame, and lies beside nothing that stays. */
const writer = new DecimalWriter();

/**
 * A wire delta as JSON: what `next` says that `base` did not. Null where it must be told whole: where anything but its numbers,
 * weights, score, model and warm-up is another, or forecasts between them are neither there nor counted in `merged`.
 */
export function deltaJson(
  base: CountedForecast,
  next: CountedForecast,
  merged: number,
): Uint8Array | null {
  if (!isAlike(base, next) || next.origin !== base.origin + 1 + merged) return null;
  writer.text(headOf(base.origin, next));
  writer.text(whatElseChanged(base, next));
  writer.text(`,"decimals":${next.decimals},"changes":"`);
  writeChanges(base.units, next.units);
  writer.text(`","merged":${merged}}`);
  return writer.take();
}

function headOf(from: number, next: CountedForecast): string {
  const { symbol, origin, eventTimeNs, originValue, partition, src, prev, issuedMs } = next;
  return `{"symbol":"${symbol}","from":${from},"origin":${origin},"eventTimeNs":"${eventTimeNs}","issuedMs":${issuedMs},"position":{"partition":${partition},"src":"${src}","prev":"${prev}"},"originValue":${originValue}`;
}

function whatElseChanged(base: CountedForecast, next: CountedForecast): string {
  const { modelSha, isWarming, score, weights } = next;
  let text = '';
  if (modelSha !== base.modelSha) text += `,"modelSha":"${modelSha}"`;
  if (isWarming !== base.isWarming) text += `,"isWarming":${isWarming}`;
  if (score !== base.score) text += `,"score":${score?.json ?? null}`;
  if (!hasSameItems(weights, base.weights)) text += `,"weights":${weightsJson(next)}`;
  return text;
}

function weightsJson({ weights, horizonTicks, experts }: CountedForecast): string {
  const count = experts.length;
  const byHorizon = horizonTicks.map((_, k) => sharesOf(weights.slice(k * count, (k + 1) * count)));
  return JSON.stringify(byHorizon);
}

/** Neighbours move together: told as differences of differences, a move of the price that all have costs nothing. */
function writeChanges(before: readonly number[], after: readonly number[]): void {
  let last = 0;
  for (let k = 0; k < after.length; k += 1) {
    const change = after[k] - before[k];
    writer.vlq(change - last);
    last = change;
  }
}

/** A run has one set of levels, so that as many numbers are the same numbers. */
function isAlike(base: CountedForecast, next: CountedForecast): boolean {
  return (
    next.decimals === base.decimals &&
    next.partition === base.partition &&
    next.measure === base.measure &&
    next.units.length === base.units.length &&
    next.weights.length === base.weights.length &&
    hasSameItems(next.horizonTicks, base.horizonTicks) &&
    hasSameItems(next.experts, base.experts)
  );
}
