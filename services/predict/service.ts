import { lastValueFrom } from 'rxjs';
import { FEATURE_VERSION, INPUT_SIZE } from '#shared/features/feature-vector.ts';
import type { FoldOutput } from '#shared/forecast/fold-output.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { initialModel } from '#shared/forecast/model-artefact.ts';
import type { EventLog, LogBatch } from '#shared/log/event-log.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Metrics } from '#shared/runtime/metrics.ts';
import type { ModelStore } from '#shared/state/model-store.ts';
import type { PartitionCommit } from '#shared/state/partition-commit.ts';
import type { SnapshotStore } from '#shared/state/snapshot-store.ts';
import type { PredictConfig } from './config.ts';
import { type FoldMetrics, foldMetrics } from './fold-metrics.ts';
import { ModelFollower } from './model-follower.ts';
import { type OwnerPorts, PartitionOwner } from './partition-owner.ts';
import { predictPipeline } from './pipeline.ts';
import { Progress } from './progress.ts';

export interface PredictPorts {
  readonly log: EventLog;
  readonly commit: PartitionCommit;
  readonly models: ModelStore;
  /** Full copies outside the state store; absent where state lies in the log's own store. */
  readonly snapshots?: SnapshotStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Uniform in [0, 1), for the jitter of joining again; the host's where absent. */
  readonly random?: () => number;
}

export interface RunningPredict extends RunningService {
  /**
   * Resolves when the forecasts of all records below these ends stand in the log. State may be behind them by what is saved
   * seldom; `stop` saves it. Only for a process that is alone in its group: what others fold is not known here.
   *
   * @param ends exclusive offset in `ticks` per partition
   * @throws whatever ended the service before
   */
  waitFor(ends: readonly bigint[]): Promise<void>;
}

/** Folds every partition it is assigned: one owner per assignment, one pipeline per batch. */
export async function startPredict(
  ports: PredictPorts,
  config: PredictConfig,
  settings: ForecasterSettings,
): Promise<RunningPredict> {
  const stopping = new AbortController();
  const progress = new Progress(ports.log.partitionCount);
  const genesis = initialModel(settings, INPUT_SIZE, FEATURE_VERSION);
  const owners = new Owners(
    {
      commit: ports.commit,
      models: new ModelFollower(ports, genesis, stopping.signal, settings.kernel),
    },
    settings,
    ports.logger,
  );
  const fold = new BatchFold(owners, progress, foldMetrics(ports), config);
  const reading = await ports.log.subscribe({
    topic: 'ticks',
    group: 'predict',
    onAssigned: async (partition, generation) => {
      const next = await owners.claim(partition, generation);
      progress.restored(partition, next);
      return next;
    },
    onBatch: (batch) => fold.onBatch(batch),
    onRevoked: (partition) => owners.drop(partition),
  });
  const done = reading.done.catch((error: unknown) => {
    progress.fail(error);
    // A partition that waited for its model when the service was stopped has not failed; whatever else went wrong has.
    if (error !== stopping.signal.reason) throw error;
  });
  // A claim may fail while other services are still starting, when nobody awaits `done` yet.
  done.catch(() => {});
  return {
    name: 'predict',
    isReady: () => progress.isFlowing(),
    done,
    waitFor: (ends) => progress.reached(ends),
    stop: async () => {
      stopping.abort(new Error('predict was stopped'));
      await reading.stop();
      // Whoever still waits would wait for ever.
      progress.fail(stopping.signal.reason);
    },
  };
}

/** The live owner of each partition; a revoked one is forgotten with its memory. */
class Owners {
  readonly #owners = new Map<number, PartitionOwner>();
  readonly #ports: OwnerPorts;
  readonly #settings: ForecasterSettings;
  readonly #logger: Logger;

  constructor(ports: OwnerPorts, settings: ForecasterSettings, logger: Logger) {
    this.#ports = ports;
    this.#settings = settings;
    this.#logger = logger;
  }

  async claim(partition: number, generation: number): Promise<bigint> {
    const owner = await PartitionOwner.claim(
      { partition, generation },
      this.#ports,
      this.#settings,
    );
    this.#owners.set(partition, owner);
    this.#logger.info('partition claimed', { partition, generation, next: `${owner.next}` });
    return owner.next;
  }

  drop(partition: number): void {
    this.#owners.delete(partition);
  }

  get(partition: number): PartitionOwner | undefined {
    return this.#owners.get(partition);
  }
}

class BatchFold {
  readonly #owners: Owners;
  readonly #progress: Progress;
  readonly #metrics: FoldMetrics;
  readonly #config: PredictConfig;

  constructor(owners: Owners, progress: Progress, metrics: FoldMetrics, config: PredictConfig) {
    this.#owners = owners;
    this.#progress = progress;
    this.#metrics = metrics;
    this.#config = config;
  }

  async onBatch(batch: LogBatch): Promise<void> {
    const owner = this.#owners.get(batch.partition);
    // Revoked while the batch was under way: whoever owns the partition now reads it again from the store's position.
    if (owner === undefined) return;
    const onFolded = (out: FoldOutput): void => {
      this.#metrics.folded(out);
      this.#progress.forecast(out.entries.length);
    };
    const { sliceRecords } = this.#config;
    const next = await lastValueFrom(predictPipeline(batch, owner, { sliceRecords, onFolded }));
    this.#progress.committed(batch.partition, next);
  }
}
