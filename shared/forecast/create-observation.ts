import type { ForecasterSettings } from './forecaster-settings.ts';
import { Observation } from './observation.ts';
import { SeriesObservation } from './series/series-observation.ts';
import type { SymbolObservation } from './symbol-observation.ts';

/** The observation of the kind of forecast that the settings ask for. */
export function createObservation(settings: ForecasterSettings): SymbolObservation {
  const { seasonTicks, horizons } = settings;
  if (seasonTicks !== undefined) return new SeriesObservation({ seasonTicks, horizons });
  return new Observation(settings);
}
