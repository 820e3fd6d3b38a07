import { FEATURE_VERSION, INPUT_SIZE } from '#shared/features/feature-vector.ts';
import type { ForecastModel } from '#shared/forecast/fold-output.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { decodeModel, encodeModel, initialModel } from '#shared/forecast/model-artefact.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { artefactName } from '#shared/state/artefact-name.ts';

/** The smallest run that has everything: a recurrent cell, two horizons, scores. */
export const SETTINGS: ForecasterSettings = {
  measure: 'price',
  events: 'trades',
  horizons: [1, 3],
  levels: [0.025, 0.25, 0.5, 0.75, 0.975],
  cell: 'lstm',
  layers: 1,
  hiddenSize: 2,
  headSize: 2,
  seed: 7,
  kernel: 'reference',
};

export interface Artefact extends ForecastModel {
  readonly bytes: Uint8Array;
}

/** The run's first model and those it may switch to. Made once: a seed needs no others. */
export const ARTEFACTS: readonly Artefact[] = artefacts(4);

function artefacts(count: number): Artefact[] {
  const genesis = initialModel(SETTINGS, INPUT_SIZE, FEATURE_VERSION);
  return Array.from({ length: count }, (_, k) => {
    const model = decodeModel(genesis);
    const weights = model.weights.map((weight, at) => weight * (1 + 0.1 * k * ((at % 7) - 3)));
    const bytes = k === 0 ? genesis : encodeModel({ ...model, weights });
    const network = new QuantileNetwork(model.shape, weights, SETTINGS.kernel);
    return { sha: artefactName(bytes), bytes, network };
  });
}
