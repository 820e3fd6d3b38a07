import type { Forecast } from '#shared/forecast/forecast.ts';
import { DecimalWriter } from './decimal-writer.ts';
import { type PlacedForecast, precisionOf, sharesOf, unrounded } from './wire-forecast.ts';

/** A forecast with its numbers as whole ones, in units of their last decimal: what deltas are differences of. */
export interface CountedForecast {
  readonly forecast: Forecast;
  /** Not the placed forecast itself: its text lies in memory that it shares with others. */
  readonly place: Pick<PlacedForecast, 'partition' | 'src' | 'prev' | 'score' | 'issuedMs'>;
  readonly decimals: number;
  /** Of the point and each quantile of each horizon. */
  readonly units: readonly number[];
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
  return { forecast, place: { partition, src, prev, score, issuedMs }, decimals, units };
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
  const { origin } = base.forecast;
  if (!isAlike(base, next) || next.forecast.origin !== origin + 1 + merged) return null;
  writer.text(headOf(origin, next));
  writer.text(whatElseChanged(base, next));
  writer.text(`,"decimals":${next.decimals},"changes":"`);
  writeChanges(base.units, next.units);
  writer.text(`","merged":${merged}}`);
  return writer.take();
}

function headOf(from: number, { forecast, place }: CountedForecast): string {
  const { symbol, origin, eventTimeNs, originValue } = forecast;
  const { partition, src, prev, issuedMs } = place;
  return `{"symbol":"${symbol}","from":${from},"origin":${origin},"eventTimeNs":"${eventTimeNs}","issuedMs":${issuedMs},"position":{"partition":${partition},"src":"${src}","prev":"${prev}"},"originValue":${originValue}`;
}

function whatElseChanged(base: CountedForecast, { forecast, place }: CountedForecast): string {
  const { modelSha, isWarming, horizons } = base.forecast;
  let text = '';
  if (forecast.modelSha !== modelSha) text += `,"modelSha":"${forecast.modelSha}"`;
  if (forecast.isWarming !== isWarming) text += `,"isWarming":${forecast.isWarming}`;
  if (place.score !== base.place.score) text += `,"score":${place.score?.json ?? null}`;
  if (horizons.some(({ weights }, k) => !isEqual(weights, forecast.horizons[k].weights))) {
    text += `,"weights":${JSON.stringify(forecast.horizons.map(({ weights }) => sharesOf(weights)))}`;
  }
  return text;
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

function isAlike(a: CountedForecast, b: CountedForecast): boolean {
  const { forecast: before } = a;
  const { forecast: after } = b;
  return (
    a.decimals === b.decimals &&
    a.place.partition === b.place.partition &&
    before.measure === after.measure &&
    isEqual(before.experts, after.experts) &&
    before.horizons.length === after.horizons.length &&
    before.horizons.every(
      ({ horizonTicks, quantiles }, k) =>
        horizonTicks === after.horizons[k].horizonTicks &&
        quantiles.length === after.horizons[k].quantiles.length,
    )
  );
}

function isEqual<T>(a: ArrayLike<T>, b: ArrayLike<T>): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k += 1) if (a[k] !== b[k]) return false;
  return true;
}
