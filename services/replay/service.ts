import { join } from 'node:path';
import { type FileSourceOptions, fileSource } from '#services/ingest/sources/file-source.ts';
import type { SourceDescription } from '#services/ingest/sources/source.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import type { ReplayConfig } from './config.ts';
import { endingOf } from './files/forecast-file.ts';
import { checkLookAhead, type LookAheadFinding } from './look-ahead.ts';
import { replayIdentity, writeManifest } from './manifest.ts';
import { startProgressLine } from './progress-line.ts';
import { type ForecastsWritten, writeForecasts, writeRejects } from './replay-output.ts';
import type { ReplayRequest } from './replay-request.ts';
import type { ReplaySummary } from './replay-summary.ts';
import { runTape, type TapePorts, type TapeRun } from './run-tape.ts';
import { scoreTable } from './score-table.ts';
import { tapeCounts } from './tape-counts.ts';
import { openTapeFolder } from './tape-folder.ts';
import { identityOf, openWorkFolder, removeWork } from './work-folder.ts';

export interface ReplayPorts extends Pick<TapePorts, 'clock' | 'logger'> {
  /** Null off a terminal. */
  readonly progress: ((text: string) => void) | null;
  /** Says what a person should know on the way. */
  readonly tell: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Replays recorded ticks through the live services to their end, then writes forecasts, rejects and manifest. The same arguments
 * after a cut-off go on where it was.
 *
 * @throws SourceInputError and its kin for the input, ReplayArgumentError `REPLAY_ARGUMENT`, ReplayFailedError `REPLAY_FAILED`
 */
export async function runReplay(
  request: ReplayRequest,
  config: ReplayConfig,
  ports: ReplayPorts,
): Promise<ReplaySummary> {
  if (request.output.forecasts !== null) endingOf(request.output.forecasts);
  const plan = await planOf(request, config);
  const work = await openWorkFolder({
    dataDir: config.dataDir,
    partitionCount: config.partitions,
    identity: plan.identity,
    isFresh: request.isFresh,
  });
  let isWhole = false;
  try {
    if (work.isResumed) ports.tell(`going on from where an earlier start was, in ${work.folder}`);
    const fold = await foldTape(plan, work.stores, ports);
    const finished = await finish(plan, work.stores.log, ports);
    isWhole = true;
    const { id, isResumed } = work;
    const workFolder = request.keepsWork ? work.folder : null;
    return { id, isResumed, workFolder, ...fold, ...finished };
  } finally {
    await work.close({ removes: isWhole && !request.keepsWork });
  }
}

/** Replays into throw-away folders and compares. @throws LookAheadError `REPLAY_LOOK_AHEAD` */
export async function runLookAheadCheck(
  request: ReplayRequest,
  cuts: readonly number[],
  config: ReplayConfig,
  ports: ReplayPorts,
): Promise<readonly LookAheadFinding[]> {
  const { identity, run } = await planOf(request, config);
  const folder = join(config.dataDir, 'replay', `check-${identityOf(identity)}`);
  await removeWork(folder);
  try {
    return await checkLookAhead({
      openSource: () => fileSource(sourceOptions(request)),
      openStores: (name) => openTapeFolder(join(folder, name), config.partitions, { check: name }),
      run: { ...run, ports: { ...ports, metrics: memoryMetrics() }, ...signalOf(ports) },
      cuts,
      onProgress: ports.tell,
    });
  } finally {
    await removeWork(folder);
  }
}

interface Plan {
  readonly request: ReplayRequest;
  readonly description: SourceDescription;
  readonly identity: Readonly<Record<string, unknown>>;
  readonly run: Omit<TapeRun, 'source' | 'stores' | 'ports' | 'signal'>;
}

async function planOf(request: ReplayRequest, config: ReplayConfig): Promise<Plan> {
  const settings: ForecasterSettings = {
    measure: request.measure,
    events: request.events,
    horizons: request.horizons,
    levels: TICK_LEVELS,
    hiddenSize: config.hiddenSize,
    headSize: config.headSize,
    seed: request.seed,
  };
  const train = request.doesTrain ? config.train : null;
  const description = await fileSource(sourceOptions(request)).open();
  const identity = replayIdentity({
    request,
    settings,
    train,
    partitionCount: config.partitions,
    description,
  });
  const { badRows, warmUp } = request;
  const run = { settings, badRows, warmUp, train, predict: config.predict };
  return { request, description, identity, run };
}

function sourceOptions({ input, layout, symbolFrom }: ReplayRequest): FileSourceOptions {
  return { input, layout, symbolFrom };
}

async function foldTape(
  { request, description, run }: Plan,
  stores: TapeRun['stores'],
  ports: ReplayPorts,
): Promise<Pick<ReplaySummary, 'ticksFolded' | 'foldSeconds' | 'ticksPerSecond'>> {
  const metrics = memoryMetrics();
  const startMs = ports.clock.nowMs();
  let rowCount = () => 0;
  const total = description.rowCount ?? null;
  const line =
    ports.progress === null
      ? null
      : startProgressLine('replaying', () => ({ done: rowCount(), total }), {
          clock: ports.clock,
          write: ports.progress,
        });
  try {
    await runTape({
      ...run,
      source: fileSource(sourceOptions(request)),
      stores,
      ports: { clock: ports.clock, logger: ports.logger, metrics },
      onFlowing: (ingest) => {
        rowCount = ingest.rowCount;
      },
      ...signalOf(ports),
    });
  } finally {
    line?.stop();
  }
  const foldSeconds = (ports.clock.nowMs() - startMs) / 1000;
  const ticksFolded = metrics.value('foretick_predict_ticks_total');
  return { ticksFolded, foldSeconds, ticksPerSecond: ticksFolded / Math.max(foldSeconds, 1e-9) };
}

type Finished = Omit<
  ReplaySummary,
  'id' | 'isResumed' | 'workFolder' | 'ticksFolded' | 'foldSeconds' | 'ticksPerSecond'
>;

async function finish(plan: Plan, log: EventLog, { clock }: ReplayPorts): Promise<Finished> {
  const { output } = plan.request;
  const startMs = clock.nowMs();
  const { horizons, levels } = plan.run.settings;
  const layout = { shape: output.shape, columns: output.columns, horizons, levels };
  const written = await writeForecasts(log, output.forecasts, layout);
  const rejects = await writeRejects(log, rejectsPath(plan.request));
  const counts = await tapeCounts(log);
  const outputSeconds = (clock.nowMs() - startMs) / 1000;
  const scores = await scoreTable(log);
  const manifest = await writeManifestBeside(plan, { ...written, ...counts, rejects });
  return {
    ...written,
    ...counts,
    rejects,
    scores,
    outputSeconds,
    output: output.forecasts,
    manifest,
  };
}

function rejectsPath({ output }: ReplayRequest): string | null {
  if (output.rejects !== null) return output.rejects;
  return output.forecasts === null ? null : `${output.forecasts}.rejects.ndjson`;
}

async function writeManifestBeside(
  { request, identity }: Plan,
  result: ForecastsWritten & Readonly<Record<string, unknown>>,
): Promise<string | null> {
  const { forecasts, shape, columns } = request.output;
  if (forecasts === null) return null;
  const path = `${forecasts}.manifest.json`;
  await writeManifest(path, {
    ...identity,
    seed: request.seed,
    output: { shape, columns },
    ...result,
  });
  return path;
}

function signalOf({ signal }: ReplayPorts): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
