import { createHash } from 'node:crypto';
import type { NewFold } from '#services/predict/partition-fold.ts';
import { FEATURE_VERSION, INPUT_SIZE } from '#shared/features/feature-vector.ts';
import type { FoldOutput, ForecastModel } from '#shared/forecast/fold-output.ts';
import { emptyOutput } from '#shared/forecast/fold-output.ts';
import type { Forecast } from '#shared/forecast/forecast.ts';
import { packsOf } from '#shared/forecast/forecast-packs.ts';
import { Forecaster } from '#shared/forecast/forecaster.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { decodeModel, initialModel } from '#shared/forecast/model-artefact.ts';
import { encodePartitionState } from '#shared/forecast/partition-state.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';

/** Real forecasts, made beforehand, for those that only hand on bytes: bytes of another kind would compress otherwise. */
export interface MadeForecasts {
  readonly forecasts: readonly Forecast[];
  /** Their records, one behind the other. */
  readonly bytes: Uint8Array;
  readonly bytesPerTick: number;
}

/** @param ticks records of `ticks`, each of which is forecast */
export function makeForecasts(
  ticks: readonly Uint8Array[],
  settings: ForecasterSettings,
): MadeForecasts {
  const fold = new Forecaster(0, settings, genesisOf(settings));
  const { entries } = fold.fold(ticks.map((value, k) => ({ offset: BigInt(k), value })));
  const bytes = Buffer.concat(packsOf(entries, settings.levels));
  const forecasts = entries.map((entry) => entry.forecasts[0]);
  return { forecasts, bytes, bytesPerTick: bytes.length / entries.length };
}

/** As many bytes as forecasts of so many ticks take, from another place each time. @param tickCount fewer than forecasts were made of */
export function bytesFor(made: MadeForecasts, tickCount: number, turn: number): Uint8Array {
  const length = Math.round(tickCount * made.bytesPerTick);
  if (length >= made.bytes.length) {
    throw new Error(
      `a batch must be of fewer than ${made.forecasts.length} ticks, was ${tickCount}`,
    );
  }
  const from = (turn * 4099) % (made.bytes.length - length);
  return made.bytes.subarray(from, from + length);
}

/** The fold with the model left out: every tick gets a forecast that was made before. */
export function constantFold({ forecasts }: MadeForecasts): NewFold {
  return (_partition, _settings, genesis) => {
    let prevSrc = -1n;
    let turn = 0;
    return {
      fold(records): FoldOutput {
        const out = emptyOutput();
        for (const { offset } of records) {
          const forecast = forecasts[turn % forecasts.length];
          turn += 1;
          out.entries.push({ src: offset, prev: prevSrc, forecasts: [forecast] });
          prevSrc = offset;
        }
        out.tickCount = records.length;
        return out;
      },
      addModel: () => undefined,
      restorePartition: () => undefined,
      restoreSymbol: () => undefined,
      partitionState: () =>
        encodePartitionState({ prevSrc, modelSha: genesis.sha, lastBoundary: 0, begin: null }),
      drainChanged: () => [],
    };
  };
}

function genesisOf(settings: ForecasterSettings): ForecastModel {
  const bytes = initialModel(settings, INPUT_SIZE, FEATURE_VERSION);
  const { shape, weights } = decodeModel(bytes);
  const sha = createHash('sha256').update(bytes).digest('hex');
  return { sha, network: new QuantileNetwork(shape, weights, settings.kernel) };
}
