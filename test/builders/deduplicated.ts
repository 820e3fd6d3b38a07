import { expect } from 'vitest';
import type { ForecastEntry } from '#shared/forecast/forecast.ts';

/**
 * What a reader makes of a partition of `forecasts`: entries that it has are dropped, and each that is new follows the one before,
 * or it would be told of a gap.
 */
export function deduplicated(entries: readonly ForecastEntry[]): ForecastEntry[] {
  const kept: ForecastEntry[] = [];
  let last = -1n;
  for (const entry of entries) {
    if (entry.src <= last) continue;
    expect(entry.prev, `the entry before ${entry.src}`).toBe(last);
    kept.push(entry);
    last = entry.src;
  }
  return kept;
}
