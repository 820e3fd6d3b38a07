import { createHash } from 'node:crypto';
import { FEATURE_VERSION, INPUT_SIZE } from '#shared/features/feature-vector.ts';
import type { ForecastModel } from '#shared/forecast/fold-output.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { decodeModel, encodeModel, initialModel } from '#shared/forecast/model-artefact.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';

/** A small run on trades: horizons of 1 and 10 ticks, the 21 levels, eight hidden units, unless said otherwise. */
export function someSettings(over: Partial<ForecasterSettings> = {}): ForecasterSettings {
  return {
    measure: 'price',
    events: 'trades',
    horizons: [1, 10],
    levels: TICK_LEVELS,
    cell: 'lstm',
    layers: 1,
    hiddenSize: 8,
    headSize: 8,
    seed: 7,
    kernel: 'wasm',
    ...over,
  };
}

export interface StoredModel extends ForecastModel {
  readonly bytes: Uint8Array;
}

/**
 * The first model of the settings, or one whose parameters are made from its own.
 *
 * @param remade told each parameter and its index; absent: the parameters stay
 */
export function aModel(
  settings: ForecasterSettings,
  {
    remade,
    lineage,
  }: { remade?: (parameter: number, index: number) => number; lineage?: string } = {},
): StoredModel {
  const genesis = initialModel(settings, INPUT_SIZE, FEATURE_VERSION);
  if (remade === undefined && lineage === undefined) return asStored(genesis);
  const model = decodeModel(genesis);
  const weights = remade === undefined ? model.weights : model.weights.map(remade);
  return asStored(encodeModel({ ...model, weights, lineage: lineage ?? model.lineage }));
}

function asStored(bytes: Uint8Array): StoredModel {
  const { shape, weights } = decodeModel(bytes);
  const sha = createHash('sha256').update(bytes).digest('hex');
  return { sha, bytes, network: new QuantileNetwork(shape, weights) };
}
