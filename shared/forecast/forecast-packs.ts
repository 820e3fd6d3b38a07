import type { ForecastEntry } from './forecast.ts';
import { encodeForecastPack } from './forecast-record.ts';

/** Kafka refuses records over 1 MB by default; half of that leaves room for headers and a larger neighbour. */
const MAX_PACK_BYTES = 512 * 1024;
const BYTES_PER_FORECAST = 100;

/** Consecutive entries as records for `forecasts`, each at most 512 KiB (one entry alone may be larger). */
export function packsOf(
  entries: readonly ForecastEntry[],
  levels: readonly number[],
): Uint8Array[] {
  const packs: Uint8Array[] = [];
  let from = 0;
  let bytes = 0;
  for (let k = 0; k < entries.length; k += 1) {
    const size = sizeOf(entries[k], levels.length);
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

function sizeOf(entry: ForecastEntry, levelCount: number): number {
  if (entry.forecasts.length === 0) return 24;
  const first = entry.forecasts[0];
  const horizonBytes = 4 * (1 + levelCount) + first.experts.length;
  return 24 + entry.forecasts.length * (BYTES_PER_FORECAST + first.horizons.length * horizonBytes);
}
