import { lastValueFrom } from 'rxjs';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { genesisModel } from '#shared/forecast/genesis-model.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Metrics } from '#shared/runtime/metrics.ts';
import type { ModelStore } from '#shared/state/model-store.ts';
import type { PartitionCommit } from '#shared/state/partition-commit.ts';
import type { SnapshotStore } from '#shared/state/snapshot-store.ts';
import type { PredictConfig } from './config.ts';
import { foldMetrics } from './fold-metrics.ts';
import { Memberships, type MembershipsPorts } from './memberships.ts';
import { ModelFollower } from './model-follower.ts';
import type { NewFold } from './partition-fold.ts';
import { predictPipeline } from './pipeline.ts';
import { Progress } from './progress.ts';
import { SnapshotWriter } from './snapshot-writer.ts';

const MINUTE_MS = 60_000;

export interface PredictPorts {
  readonly log: EventLog;
  readonly commit: PartitionCommit;
  readonly models: ModelStore;
  /** Full copies outside the state store; absent where state lies in the log's own store. */
  readonly snapshots?: SnapshotStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** What folds a partition; the forecaster where absent. */
  readonly newFold?: NewFold;
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

/**
 * Folds every partition it is assigned: one owner per claim, one pipeline per batch. An error in passing ends a claim, at most the
 * membership of the group; any other ends the service.
 */
export async function startPredict(
  ports: PredictPorts,
  config: PredictConfig,
  settings: ForecasterSettings,
): Promise<RunningPredict> {
  const progress = new Progress(ports.log.partitionCount);
  const wired = wire(ports, { config, settings, progress });
  const memberships = await Memberships.begin(wired, { config, settings });
  const done = memberships.done.catch((error: unknown) => {
    progress.fail(error);
    throw error;
  });
  // A claim may fail while other services are still starting, when nobody awaits `done` yet.
  done.catch(() => undefined);
  return {
    name: 'predict',
    isReady: () => progress.isReady(),
    done,
    waitFor: (ends) => progress.reached(ends),
    stop: async () => {
      await memberships.stop();
      await wired.snapshots?.settled();
      // Whoever still waits would wait for ever.
      progress.fail(new Error('predict was stopped'));
    },
  };
}

interface Wiring {
  readonly config: PredictConfig;
  readonly settings: ForecasterSettings;
  readonly progress: Progress;
}

function wire(ports: PredictPorts, { config, settings, progress }: Wiring): MembershipsPorts {
  const { log, commit, clock, logger, snapshots: store, random = Math.random } = ports;
  const { newFold } = ports;
  const metrics = foldMetrics(ports);
  const genesis = genesisModel(settings);
  const models = new ModelFollower(ports, genesis, settings.kernel);
  const periodMs = config.snapshotMinutes * MINUTE_MS;
  const snapshots =
    store === undefined ? null : new SnapshotWriter({ store, clock, logger, metrics }, periodMs);
  const { sliceRecords } = config;
  return {
    ...{ log, commit, models, snapshots, clock, logger, metrics, progress, random },
    ...(newFold === undefined ? {} : { newFold }),
    fold: async (batch, owner, { signal }) => {
      const options = { sliceRecords, signal, savesNow: () => signal.aborted };
      await lastValueFrom(predictPipeline(batch, owner, options));
    },
  };
}
