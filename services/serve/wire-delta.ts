import type { Forecast } from '#shared/forecast/forecast.ts';
import type { WireDelta } from '#shared/wire/message.ts';
import { vlqText } from '#shared/wire/vlq.ts';
import { type PlacedForecast, precisionOf, sharesOf, unrounded } from './wire-forecast.ts';

/** A forecast with its numbers as whole ones, in units of their last decimal: what deltas are differences of. */
export interface CountedForecast {
  readonly forecast: Forecast;
  /** Not the placed forecast itself: its text lies in memory that it shares with others. */
  readonly place: Pick<PlacedForecast, 'partition' | 'src' | 'prev' | 'score' | 'issuedMs'>;
  readonly decimals: number;
  /** Of the point and each quantile of each horizon. */
  readonly units: Float64Array;
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

function unitsOf(forecast: Forecast, scale: number): Float64Array | null {
  const { horizons } = forecast;
  const units = new Float64Array(
    horizons.reduce((sum, { quantiles }) => sum + 1 + quantiles.length, 0),
  );
  let at = 0;
  const count = (offset: number): void => {
    const raw = unrounded(forecast, offset);
    // As it is written: halves are rounded away from zero.
    const size = Math.round(Math.abs(raw) * scale);
    units[at] = raw < 0 ? 0 - size : size;
    at += 1;
  };
  for (const { point, quantiles } of horizons) {
    count(point);
    for (let q = 0; q < quantiles.length; q += 1) count(quantiles[q]);
  }
  return units.every((one) => Math.abs(one) < LARGEST_UNITS) ? units : null;
}

/**
 * What `next` says that `base` did not. Null where it must be told whole: where anything but its numbers, weights, score, model
 * and warm-up is another, or forecasts between them are neither there nor counted in `merged`.
 */
export function wireDelta(
  base: CountedForecast,
  next: CountedForecast,
  merged: number,
): WireDelta | null {
  if (!isAlike(base, next) || next.forecast.origin !== base.forecast.origin + 1 + merged) {
    return null;
  }
  const { forecast, place } = next;
  return {
    symbol: forecast.symbol,
    from: base.forecast.origin,
    origin: forecast.origin,
    eventTimeNs: `${forecast.eventTimeNs}`,
    issuedMs: place.issuedMs,
    position: { partition: place.partition, src: `${place.src}`, prev: `${place.prev}` },
    originValue: forecast.originValue,
    ...whatElseChanged(base, next),
    decimals: next.decimals,
    changes: vlqText(changesOf(base.units, next.units)),
    merged,
  };
}

function whatElseChanged(
  { forecast: before, place: { score } }: CountedForecast,
  { forecast, place }: CountedForecast,
): Partial<WireDelta> {
  const { modelSha, isWarming, horizons } = forecast;
  const hasOtherWeights = horizons.some(
    ({ weights }, k) => !isEqual(weights, before.horizons[k].weights),
  );
  return {
    ...(modelSha === before.modelSha ? {} : { modelSha }),
    ...(isWarming === before.isWarming ? {} : { isWarming }),
    ...(place.score === score ? {} : { score: place.score?.wire ?? null }),
    ...(hasOtherWeights ? { weights: horizons.map(({ weights }) => sharesOf(weights)) } : {}),
  };
}

/** Neighbours move together: told as differences of differences, a move of the price that all have costs nothing. */
function changesOf(before: Float64Array, after: Float64Array): Float64Array {
  const changes = new Float64Array(after.length);
  let last = 0;
  for (let k = 0; k < changes.length; k += 1) {
    const change = after[k] - before[k];
    changes[k] = change - last;
    last = change;
  }
  return changes;
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
