import type { ForecastEntry } from './forecast.ts';
import { encodeForecastPack } from './forecast-record.ts';

/** Kafka refuses records over 1 MB by default; half of that leaves room for headers and a larger neighbour. */
const MAX_PACK_BYTES = 512 * 1024;
const ENTRY_BYTES = 24;
/** Of a forecast without what it says of each horizon: its symbol, origin and the like. */
const FORECAST_BYTES = 100;

/** Consecutive entries as records for `forecasts`, each at most 512 KiB (one entry alone may be larger). */
export function packsOf(
  entries: readonly ForecastEntry[],
  levels: readonly number[],
): Uint8Array[] {
  const packs: Uint8Array[] = [];
  const perForecast = forecastBytes(entries, levels.length);
  let from = 0;
  let bytes = 0;
  for (let k = 0; k < entries.length; k += 1) {
    const size = ENTRY_BYTES + entries[k].forecasts.length * perForecast;
    if (k > from && bytes + size > MAX_PACK_BYTES) {
      packs.push(encodeForecastPack({ levels, entries: entries.slice(from, k) }));
      from = k;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < entries.length) {
    packs.push(encodeForecastPack({ levels, entries: entries.slice(from) }));
  }
  return packs;
}

/** At most; all of a pack are of one shape. */
function forecastBytes(entries: readonly ForecastEntry[], levelCount: number): number {
  const first = entries.find(({ forecasts }) => forecasts.length > 0)?.forecasts[0];
  if (first === undefined) return 0;
  const horizonBytes = 4 * (1 + levelCount) + first.experts.length;
  return FORECAST_BYTES + first.horizons.length * horizonBytes;
}
