import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import type { SoloConfig } from './config.ts';

/** What of the settings decides the forecasts; pinned in the folder's manifest. Horizons are sorted, repeats dropped. */
export function forecasterSettingsOf(config: SoloConfig): ForecasterSettings {
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
