import { type FileSourceOptions, fileSource } from '#services/ingest/sources/file-source.ts';
import type { SourceDescription, TickSource } from '#services/ingest/sources/source.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { ReplayConfig, ReplayRequest } from './config.ts';
import { replayIdentity } from './manifest.ts';
import type { TapeRun } from './run-tape.ts';

export interface ReplayPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Writes over one line of a terminal; null off a terminal. */
  readonly progress: ((text: string) => void) | null;
  /** Says what a person should know: on the way and at the end. */
  readonly tell: (lines: string) => void;
  readonly signal?: AbortSignal;
}

/** A request with all that follows from it and from its input. */
export interface ReplayPlan {
  readonly request: ReplayRequest;
  readonly config: ReplayConfig;
  readonly description: SourceDescription;
  /** Everything the forecasts depend on, plain JSON. */
  readonly identity: Readonly<Record<string, unknown>>;
  readonly run: Omit<TapeRun, 'source' | 'stores' | 'ports' | 'signal'>;
  /** A fresh source of the tape at every call. */
  readonly openSource: () => TickSource;
}

/** Reads the input once, to its end. @throws SourceInputError and its kin */
export async function replayPlan(
  request: ReplayRequest,
  config: ReplayConfig,
): Promise<ReplayPlan> {
  const { input, layout, symbolFrom, badRows, warmUp } = request;
  const settings: ForecasterSettings = {
    measure: request.measure,
    events: request.events,
    horizons: request.horizons,
    levels: TICK_LEVELS,
    cell: request.cell ?? config.cell,
    layers: config.layers,
    hiddenSize: config.hiddenSize,
    headSize: config.headSize,
    seed: request.seed,
    kernel: request.kernel ?? config.kernel,
  };
  const train = request.doesTrain ? config.train : null;
  const options: FileSourceOptions = { input, layout, symbolFrom };
  const openSource = () => fileSource(options);
  const description = await openSource().open();
  const identity = replayIdentity({
    request,
    settings,
    train,
    partitionCount: config.partitions,
    description,
  });
  const run = { settings, badRows, warmUp, train, predict: config.predict };
  return { request, config, description, identity, run, openSource };
}
