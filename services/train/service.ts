import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { genesisModel } from '#shared/forecast/genesis-model.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Metrics } from '#shared/runtime/metrics.ts';
import type { ModelStore } from '#shared/state/model-store.ts';
import { BoundaryKeeper } from './boundary-keeper.ts';
import { explained, readBoundaries, ticksExtent } from './boundary-log.ts';
import type { TrainConfig } from './config.ts';
import { neededBoundaries } from './needed-boundaries.ts';
import { TapeWalk } from './tape-walk.ts';
import { trainMetrics } from './train-metrics.ts';
import { TrainingThread } from './training-thread.ts';

export interface TrainPorts {
  readonly log: EventLog;
  readonly models: ModelStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface RunningTrain extends RunningService {
  /**
   * For pacing `wait`: makes boundary `id` of all that `ticks` holds, and resolves when its outcome stands in every partition.
   * Idempotent; a boundary that an earlier life made is not made again.
   *
   * @throws TrainStoppedError `TRAIN_STOPPED`, or whatever ended the service
   */
  boundary(id: number): Promise<void>;
}

/**
 * Refolds `ticks` from its start with the boundaries that `models` tells of, finishes the one that a crash left open, then goes on:
 * a boundary every so many ticks, or when asked. Ready once it has folded what stood there when it started.
 */
export async function startTrain(
  ports: TrainPorts,
  config: TrainConfig,
  settings: ForecasterSettings,
): Promise<RunningTrain> {
  const { log, models, logger } = ports;
  const genesis = genesisModel(settings);
  const genesisSha = await models.put(genesis);
  const { starts, ends } = await ticksExtent(log);
  const { needed: history } = neededBoundaries(await readBoundaries(log), starts);
  if (starts.some((start) => start > 0n)) {
    // States are then rebuilt from where the log begins: close to those of the forecaster, not equal.
    logger.warn('log no longer held the start of the tape', { starts: starts.map(String) });
  }
  const { recipe } = config;
  const { partitionCount } = log;
  const thread = new TrainingThread({ settings, recipe, partitionCount, genesis });
  const keeperPorts = { ...ports, metrics: trainMetrics(ports.metrics), thread };
  const keeper = new BoundaryKeeper(keeperPorts, { seed: settings.seed, genesisSha, history });
  const everyTicks = config.pacing === 'background' ? config.everyTicks : null;
  const walk = new TapeWalk({ keeper, thread, history, starts, everyTicks });
  const reading = await log.follow({
    topic: 'ticks',
    startAt: (partition) => starts[partition],
    onBatch: (batch) => walk.onBatch(batch),
  });
  logger.info('training started', { boundaries: history.length, pacing: config.pacing });
  let isOver = false;
  const done = Promise.race([reading.done, walk.failed, thread.failed.catch(walk.unlessStopped)])
    .catch(async (error: unknown) => {
      throw await explained(log, error, walk.lastId);
    })
    .finally(async () => {
      isOver = true;
      walk.stop();
      await reading.stop();
      await walk.settled();
      await thread.stop();
    });
  return {
    name: 'train',
    isReady: () => !isOver && walk.hasFolded(ends),
    done,
    boundary: (id) => walk.boundary(id),
    stop: async () => {
      walk.stop();
      await reading.stop();
      await walk.settled();
      await thread.stop();
    },
  };
}
