import { FEATURE_VERSION } from '#shared/features/feature-vector.ts';
import { createObservation } from './create-observation.ts';
import type { ForecasterSettings } from './forecaster-settings.ts';
import { initialModel } from './model-artefact.ts';

/** The first model of a run, whatever kind of forecast it makes. */
export function genesisModel(settings: ForecasterSettings): Uint8Array {
  return initialModel(settings, createObservation(settings).inputSize, FEATURE_VERSION);
}
