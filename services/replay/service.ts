import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { stateDigest } from '#shared/state/state-digest.ts';
import type { ReplayConfig, ReplayRequest } from './config.ts';
import type { LookAheadFinding } from './look-ahead.ts';
import { runLookAheadCheck } from './look-ahead-check.ts';
import { writeManifest } from './manifest.ts';
import { openRecording } from './open-recording.ts';
import { requireOutputPaths } from './output-paths.ts';
import { startProgressLine } from './progress-line.ts';
import { writeForecasts, writeRejects } from './replay-output.ts';
import { type ReplayPlan, type ReplayPorts, recordingPlan, tapePlan } from './replay-plan.ts';
import { type FoldSummary, type ReplaySummary, summaryText } from './replay-summary.ts';
import { scoreTable } from './score-table.ts';
import { tapeCounts } from './tape-counts.ts';
import type { TapeStores } from './tape-stores.ts';
import { openWorkFolder } from './work-folder.ts';

/**
 * Replays recorded ticks through the live services to their end, then writes forecasts, rejects and manifest; or runs the check
 * that was asked for. The same arguments after a cut-off go on where it was.
 *
 * @returns what `--json` prints
 * @throws SourceInputError and its kin for the input, ReplayArgumentError `REPLAY_ARGUMENT`, ReplayFailedError `REPLAY_FAILED`,
 *   LookAheadError `REPLAY_LOOK_AHEAD`, LogLockedError `LOG_LOCKED` while another process replays the same
 */
export async function runReplay(
  request: ReplayRequest,
  config: ReplayConfig,
  ports: ReplayPorts,
): Promise<ReplaySummary | { readonly lookAhead: readonly LookAheadFinding[] }> {
  await requireOutputPaths(request);
  if (request.recorded !== null) {
    const recording = await openRecording(request.recorded, config);
    try {
      return await replay(await recordingPlan(request, config, recording), ports);
    } finally {
      await recording.close();
    }
  }
  const plan = await tapePlan(request, config);
  if (request.lookAheadCuts !== null) {
    return { lookAhead: await runLookAheadCheck(plan, request.lookAheadCuts, ports) };
  }
  return replay(plan, ports);
}

async function replay(plan: ReplayPlan, ports: ReplayPorts): Promise<ReplaySummary> {
  const { isFresh, keepsWork } = plan.request;
  const { dataDir } = plan.config;
  const { identity, settings, partitionCount } = plan;
  const work = await openWorkFolder({ dataDir, partitionCount, identity, settings, isFresh });
  const { id, folder, isResumed } = work;
  let isWhole = false;
  try {
    if (isResumed) ports.tell(`going on from where an earlier start was, in ${folder}`);
    const folded = await fold(plan, work.stores, ports);
    const summary = await finish(plan, work.stores, {
      ...folded,
      ...{ id, isResumed, workFolder: keepsWork ? folder : null },
    });
    isWhole = true;
    ports.tell(summaryText(summary));
    return summary;
  } finally {
    await work.close({ removes: isWhole && !keepsWork });
  }
}

async function fold(
  plan: ReplayPlan,
  stores: TapeStores,
  { clock, logger, progress, signal }: ReplayPorts,
): Promise<FoldSummary> {
  const metrics = memoryMetrics();
  const startMs = clock.nowMs();
  let count = () => 0;
  const read = () => ({ done: count(), total: plan.total });
  const line =
    progress === null ? null : startProgressLine('replaying', read, { clock, write: progress });
  try {
    await plan.fold(stores, {
      ports: { clock, logger, metrics },
      onFlowing: (counted) => {
        count = counted;
      },
      ...(signal === undefined ? {} : { signal }),
    });
  } finally {
    line?.stop();
  }
  const foldSeconds = (clock.nowMs() - startMs) / 1000;
  const ticksFolded = metrics.value('foretick_predict_ticks_total');
  return { ticksFolded, foldSeconds, ticksPerSecond: ticksFolded / Math.max(foldSeconds, 1e-9) };
}

async function finish(
  { request, identity, settings }: ReplayPlan,
  { log, commit }: TapeStores,
  started: FoldSummary & Pick<ReplaySummary, 'id' | 'isResumed' | 'workFolder'>,
): Promise<ReplaySummary> {
  const { forecasts, shape, columns } = request.output;
  const { horizons, levels } = settings;
  const written = await writeForecasts(log, forecasts, { shape, columns, horizons, levels });
  const rejects = await writeRejects(log, rejectsPath(request));
  const state = await stateDigest(commit, log.partitionCount);
  const result = { ...written, stateDigest: state, ...(await tapeCounts(log)), rejects };
  const scores = await scoreTable(log);
  const manifest = forecasts === null ? null : `${forecasts}.manifest.json`;
  if (manifest !== null) {
    const { id, isResumed, workFolder, ...durations } = started;
    const output = { shape, columns };
    await writeManifest(manifest, { id, ...identity, output, ...result, scores, durations });
  }
  return { ...started, ...result, scores, output: forecasts, manifest };
}

function rejectsPath({ output }: ReplayRequest): string | null {
  if (output.rejects !== null) return output.rejects;
  return output.forecasts === null ? null : `${output.forecasts}.rejects.ndjson`;
}
