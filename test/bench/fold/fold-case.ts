import { createHash } from 'node:crypto';
import { soloSettings } from '#services/solo/config.ts';
import { forecasterSettingsOf } from '#services/solo/forecaster-settings-of.ts';
import { FEATURE_VERSION } from '#shared/features/feature-vector.ts';
import { createObservation } from '#shared/forecast/create-observation.ts';
import type { TickLogRecord } from '#shared/forecast/fold-output.ts';
import { packsOf } from '#shared/forecast/forecast-packs.ts';
import { Forecaster } from '#shared/forecast/forecaster.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { decodeModel, initialModel } from '#shared/forecast/model-artefact.ts';
import { encodeScore } from '#shared/forecast/score-record.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import type { Part } from '../time-by-part.ts';

/** What is folded, and with which settings. */
export interface FoldCase {
  readonly what: string;
  readonly settings: ForecasterSettings;
  readonly parts: readonly Part[];
  /** The run's first record, then ticks. */
  readonly records: readonly Uint8Array[];
  /** Records between two publications and checkpoints. */
  readonly batchRecords: number;
}

/** The product's settings, as `npm start` reads them from these variables. */
export function settingsOf(environment: Readonly<Record<string, string>>): ForecasterSettings {
  return forecasterSettingsOf(readSettings(soloSettings, environment));
}

/** A fold of this case from its beginning, records in and records out, in memory. */
export function foldOf({ settings, records, batchRecords }: FoldCase) {
  const batches = batchesOf(records, batchRecords);
  const { inputSize } = createObservation(settings);
  const genesis = initialModel(settings, inputSize, FEATURE_VERSION);
  const sha = createHash('sha256').update(genesis).digest('hex');
  const { shape, weights } = decodeModel(genesis);
  const network = new QuantileNetwork(shape, weights, settings.kernel);
  return () => {
    const forecaster = new Forecaster(0, settings, { sha, network });
    let tickCount = 0;
    let forecastCount = 0;
    for (const batch of batches) {
      const out = forecaster.fold(batch);
      packsOf(out.entries, settings.levels);
      out.scores.forEach(encodeScore);
      forecaster.drainChanged();
      forecaster.partitionState();
      tickCount += out.tickCount;
      for (const { forecasts } of out.entries) forecastCount += forecasts.length;
    }
    return { tickCount, forecastCount };
  };
}

/** As the log hands them out: many records in one buffer. */
function batchesOf(values: readonly Uint8Array[], size: number): TickLogRecord[][] {
  const batches: TickLogRecord[][] = [];
  for (let k = 0; k < values.length; k += size) {
    const batch = values.slice(k, k + size);
    const bytes = Buffer.concat(batch);
    let at = 0;
    batches.push(
      batch.map(({ length }, j) => {
        at += length;
        return { offset: BigInt(k + j), value: bytes.subarray(at - length, at) };
      }),
    );
  }
  return batches;
}
