import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import type { ConfigOf } from '#shared/runtime/environment.ts';
import type { forecasterSettings } from './config.ts';

/** What of the settings decides the forecasts; pinned in the run's manifest. Horizons are sorted, repeats dropped. */
export function forecasterSettingsOf(
  config: ConfigOf<typeof forecasterSettings>,
): ForecasterSettings {
  return {
    measure: config.measure,
    events: config.events,
    horizons: [...new Set(config.horizons)].sort((a, b) => a - b),
    levels: TICK_LEVELS,
    cell: config.cell,
    layers: config.layers,
    hiddenSize: config.hiddenSize,
    headSize: config.headSize,
    seed: config.modelSeed,
    kernel: config.kernel,
  };
}
