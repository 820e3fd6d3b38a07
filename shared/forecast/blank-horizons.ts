import type { HorizonForecast } from './forecast.ts';
import type { Mutable } from './mutable.ts';

/** A statement about one horizon, still to be filled in. */
export type BlankHorizon = Mutable<HorizonForecast>;

/**
 * Statements about each of the horizons, all zero. Their arrays share one buffer: a buffer of its own is many times as large as the few
 * numbers it would hold, and a forecast of regular series has a hundred of them.
 */
export function blankHorizons(
  horizons: readonly number[],
  levelCount: number,
  expertCount: number,
): BlankHorizon[] {
  const weightsAt = 4 * levelCount * horizons.length;
  const buffer = new ArrayBuffer(weightsAt + expertCount * horizons.length);
  return horizons.map((horizonTicks, k) => ({
    horizonTicks,
    point: 0,
    quantiles: new Float32Array(buffer, 4 * levelCount * k, levelCount),
    weights: new Uint8Array(buffer, weightsAt + expertCount * k, expertCount),
  }));
}
