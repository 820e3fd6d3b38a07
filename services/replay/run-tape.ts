import type { IngestConfig } from '#services/ingest/config.ts';
import { type RunningIngest, startIngest } from '#services/ingest/service.ts';
import type { SourceDescription, TickSource } from '#services/ingest/sources/source.ts';
import { warmUpUntil } from '#services/ingest/sources/warm-up-until.ts';
import { type oneStoreSettings, savingEveryBatch } from '#services/predict/config.ts';
import { startPredict } from '#services/predict/service.ts';
import type { TrainConfig } from '#services/train/config.ts';
import { startTrain } from '#services/train/service.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import type { BeginControl } from '#shared/market/control.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import type { ConfigOf } from '#shared/runtime/environment.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Metrics } from '#shared/runtime/metrics.ts';
import type { WarmUp } from './replay-arguments.ts';
import { ReplayArgumentError } from './replay-error.ts';
import type { TapeStores } from './tape-stores.ts';

export interface TapePorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface TapeRun {
  readonly source: TickSource;
  readonly stores: TapeStores;
  readonly ports: TapePorts;
  readonly settings: ForecasterSettings;
  readonly badRows: IngestConfig['badRows'];
  readonly warmUp: WarmUp;
  readonly predict: ConfigOf<typeof oneStoreSettings>;
  /** Null: the first weights stay. */
  readonly train: TrainConfig | null;
  /** Told once, when rows begin to flow. */
  readonly onFlowing?: (ingest: RunningIngest) => void;
  readonly signal?: AbortSignal;
}

/**
 * Sends a tape through the live services, once, to its end: the source holds at each training boundary until its outcome stands
 * in every partition (pacing `wait`), so the result depends on the tape and the settings alone. Goes on where the stores are.
 *
 * @throws what a service failed with, or the signal's reason
 */
export async function runTape(run: TapeRun): Promise<void> {
  const { log, commit, models } = run.stores;
  const running: RunningService[] = [];
  try {
    const predict = await startPredict(
      { log, commit, models, ...run.ports },
      savingEveryBatch(run.predict),
      run.settings,
    );
    running.push(predict);
    const train = run.train === null ? null : await startWaitingTrainer(run, run.train);
    if (train !== null) running.push(train.service);
    const ingest = await startIngest(
      {
        log,
        source: run.source,
        ...run.ports,
        ...(train === null ? {} : { pacing: train.pacing }),
      },
      {
        badRows: run.badRows,
        measure: run.settings.measure,
        begin: beginOf(await run.source.open(), run.warmUp),
      },
    );
    running.push(ingest);
    run.onFlowing?.(ingest);
    const trouble = firstTrouble(running, run.signal);
    await Promise.race([ingest.done, trouble]);
    await Promise.race([predict.waitFor(await endsOf(log)), trouble]);
  } finally {
    for (const service of running.reverse()) await service.stop();
  }
}

async function startWaitingTrainer(run: TapeRun, config: TrainConfig) {
  const { log, models } = run.stores;
  const service = await startTrain(
    { log, models, ...run.ports },
    { ...config, pacing: 'wait' },
    run.settings,
  );
  const pacing = {
    everyTicks: config.everyTicks,
    boundary: (id: number) => service.boundary(id),
  };
  return { service, pacing };
}

/** What the first record says of warm-up. @throws ReplayArgumentError `REPLAY_ARGUMENT` */
export function beginOf(
  { spanNs }: SourceDescription,
  warmUp: WarmUp,
): Pick<BeginControl, 'warmUpTicks' | 'warmUpUntilNs'> {
  if ('ticks' in warmUp) return { warmUpTicks: warmUp.ticks };
  if (spanNs === undefined) {
    throw new ReplayArgumentError('warm-up in percent needs a tape with a first and last time');
  }
  return { warmUpUntilNs: warmUpUntil(spanNs, warmUp.percent) };
}

export async function endsOf(log: EventLog): Promise<readonly bigint[]> {
  const partitions = Array.from({ length: log.partitionCount }, (_, partition) => partition);
  const bounds = await Promise.all(partitions.map((partition) => log.bounds('ticks', partition)));
  return bounds.map(({ end }) => end);
}

/** Never resolves; rejects with the first failure of a service or when the run is called off. */
export function firstTrouble(
  services: readonly RunningService[],
  signal: AbortSignal | undefined,
): Promise<never> {
  const trouble = new Promise<never>((_, reject) => {
    for (const service of services) service.done.catch(reject);
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // It outlives the races it is in.
  trouble.catch(() => {});
  return trouble;
}
