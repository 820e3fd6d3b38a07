import { type FileSourceOptions, fileSource } from '#services/ingest/sources/file-source.ts';
import type { TickSource } from '#services/ingest/sources/source.ts';
import { forecasterSettingsOf } from '#services/solo/forecaster-settings-of.ts';
import { type TrainConfig, trainingFor } from '#services/train/config.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { ReplayConfig, ReplayRequest } from './config.ts';
import { foldRecording } from './fold-recording.ts';
import { recordingIdentity, tapeIdentity } from './manifest.ts';
import { type Recording, recordedEnds } from './recording.ts';
import { runTape, type TapePorts, type TapeRun } from './run-tape.ts';
import type { TapeStores } from './tape-stores.ts';

export interface ReplayPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Writes over one line of a terminal; null off a terminal. */
  readonly progress: ((text: string) => void) | null;
  /** Says what a person should know: on the way and at the end. */
  readonly tell: (lines: string) => void;
  readonly signal?: AbortSignal;
}

/** What a fold is watched with. */
export interface FoldWatch {
  readonly ports: TapePorts;
  /** Told once, when rows or records begin to flow, how to ask how many have. */
  readonly onFlowing: (count: () => number) => void;
  readonly signal?: AbortSignal;
}

/** A request with all that follows from it and from its input. */
export interface ReplayPlan {
  readonly request: ReplayRequest;
  readonly config: ReplayConfig;
  readonly settings: ForecasterSettings;
  readonly partitionCount: number;
  /** Rows or records of the input; null where not known. */
  readonly total: number | null;
  /** Everything the forecasts depend on, plain JSON. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Brings the input to the stores' log and folds it, from where the stores are to its end. */
  readonly fold: (stores: TapeStores, watch: FoldWatch) => Promise<void>;
}

/** A plan for files, which can be read again with another future. */
export interface TapePlan extends ReplayPlan {
  readonly run: Omit<TapeRun, 'source' | 'stores' | 'ports' | 'signal'>;
  /** A fresh source of the tape at every call. */
  readonly openSource: () => TickSource;
}

/** Reads the input once, to its end. @throws SourceInputError and its kin */
export async function tapePlan(request: ReplayRequest, config: ReplayConfig): Promise<TapePlan> {
  const { input, layout, symbolFrom, badRows, warmUp } = request;
  const settings = settingsOf(request, config);
  const train = trainingOf(request, config, settings);
  const options: FileSourceOptions = { input, layout, symbolFrom };
  const openSource = () => fileSource(options);
  const description = await openSource().open();
  const { partitions: partitionCount } = config;
  const identity = tapeIdentity({ request, settings, train, partitionCount, description });
  const run = { settings, badRows, warmUp, train, predict: config.predict };
  const fold: ReplayPlan['fold'] = (stores, { ports, onFlowing, signal }) =>
    runTape({
      ...run,
      ...{ source: openSource(), stores, ports },
      onFlowing: (ingest) => onFlowing(ingest.rowCount),
      ...(signal === undefined ? {} : { signal }),
    });
  const total = description.rowCount ?? null;
  return { request, config, settings, partitionCount, total, identity, fold, run, openSource };
}

/** A recording brings all of its settings along. @throws RecordingError `REPLAY_RECORDING` */
export async function recordingPlan(
  request: ReplayRequest,
  config: ReplayConfig,
  recording: Recording,
): Promise<ReplayPlan> {
  const ends = await recordedEnds(recording);
  const { settings, log } = recording;
  return {
    ...{ request, config, settings, partitionCount: log.partitionCount },
    total: Number(ends.reduce((sum, end) => sum + end, 0n)),
    identity: recordingIdentity(recording, ends),
    fold: (stores, watch) =>
      foldRecording({ recording, ends, stores, predict: config.predict, ...watch }),
  };
}

function settingsOf(request: ReplayRequest, config: ReplayConfig): ForecasterSettings {
  const { measure, events, horizons } = request;
  return forecasterSettingsOf({
    ...config,
    ...{ measure, events, horizons },
    seasonTicks: request.seasonTicks ?? 0,
    modelSeed: request.seed,
    cell: request.cell ?? config.cell,
    kernel: request.kernel ?? config.kernel,
  });
}

/** Null: the first weights stay. */
function trainingOf(
  { doesTrain }: ReplayRequest,
  { train }: ReplayConfig,
  settings: ForecasterSettings,
): TrainConfig | null {
  return doesTrain ? trainingFor(settings, train) : null;
}
