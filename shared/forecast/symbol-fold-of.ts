import type { ForecasterSettings } from './forecaster-settings.ts';
import { SeriesForecaster } from './series/series-forecaster.ts';
import type { SymbolFold } from './symbol-fold.ts';
import { SymbolForecaster } from './symbol-forecaster.ts';

/** The kind of forecast that the settings ask for: regular series where they name a season, else ticks as they come. */
export function symbolFoldOf(settings: ForecasterSettings): SymbolFold {
  const { seasonTicks } = settings;
  if (seasonTicks === undefined) return new SymbolForecaster(settings);
  return new SeriesForecaster({ ...settings, seasonTicks });
}
