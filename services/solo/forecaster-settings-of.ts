import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { SERIES_LEVELS, TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { SHORTEST_SEASON } from '#shared/forecast/series/series-shape.ts';
import type { ConfigOf } from '#shared/runtime/environment.ts';
import { SettingsError } from '#shared/runtime/settings-error.ts';
import type { forecasterSettings } from './config.ts';

/** Sizes of the network where the settings leave them open. */
const TICK_NETWORK = { hiddenSize: 16, headSize: 48 };
const SERIES_NETWORK = { hiddenSize: 48, headSize: 64 };

/**
 * What of the settings decides the forecasts; pinned in the run's manifest. Horizons are sorted, repeats dropped.
 *
 * @throws SettingsError `SETTINGS_INVALID` for a season that is too short, or of prices
 */
export function forecasterSettingsOf(
  config: ConfigOf<typeof forecasterSettings>,
): ForecasterSettings {
  requireSeason(config);
  const { seasonTicks, experts, calibrationRate } = config;
  const isSeries = seasonTicks > 0;
  const network = isSeries ? SERIES_NETWORK : TICK_NETWORK;
  return {
    measure: config.measure,
    events: config.events,
    ...(isSeries ? { seasonTicks } : { experts, calibrationRate }),
    horizons: [...new Set(config.horizons)].sort((a, b) => a - b),
    levels: isSeries ? SERIES_LEVELS : TICK_LEVELS,
    cell: config.cell,
    layers: config.layers,
    hiddenSize: config.hiddenSize || network.hiddenSize,
    headSize: config.headSize || network.headSize,
    seed: config.modelSeed,
    kernel: config.kernel,
  };
}

function requireSeason({
  seasonTicks,
  measure,
}: Pick<ConfigOf<typeof forecasterSettings>, 'seasonTicks' | 'measure'>): void {
  const problems: string[] = [];
  if (seasonTicks > 0 && seasonTicks < SHORTEST_SEASON) {
    const expected = `0 or at least ${SHORTEST_SEASON}`;
    problems.push(`FORETICK_SEASON_TICKS must be ${expected}, was "${seasonTicks}"`);
  }
  if (seasonTicks > 0 && measure !== 'value') {
    problems.push(`FORETICK_MEASURE must be value where there is a season, was "${measure}"`);
  }
  if (problems.length > 0) throw new SettingsError(problems);
}
