import type { ForecasterSettings } from '../forecaster-settings.ts';

/** A run's settings where they ask for regular series. */
export type SeriesSettings = ForecasterSettings & SeriesShape;

/** What of a run's settings a forecast of regular series depends on. */
export interface SeriesShape {
  /** Ticks of one season: 24 for hours of a day. */
  readonly seasonTicks: number;
  /** In ticks, rising. */
  readonly horizons: readonly number[];
}

/** Ticks: below, the clock inputs and the lags around a season fall on one another; above, the ring of seven seasons grows large. */
export const SHORTEST_SEASON = 4;
export const LONGEST_SEASON = 10_000;

/** Points of the horizon grid at which the network sees the seasonal past. */
const GRID_POINTS = 24;

/** Horizons, evenly spaced over one season or up to the longest horizon, whichever is shorter. */
export function horizonGrid({ seasonTicks, horizons }: SeriesShape): readonly number[] {
  const reach = Math.min(seasonTicks, Math.max(...horizons));
  const step = Math.ceil(reach / GRID_POINTS);
  return Array.from({ length: Math.ceil(reach / step) }, (_, k) => 1 + k * step);
}

/** Ticks back to the same phase of the season as `horizon` ticks ahead, at most one season and never in the future. */
export function seasonBefore(horizon: number, seasonTicks: number): number {
  return seasonTicks * Math.ceil(horizon / seasonTicks) - horizon;
}
