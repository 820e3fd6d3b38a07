import type { TrainConfig } from '#services/train/config.ts';
import { startTrain } from '#services/train/service.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { openKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { openRedisModelStore } from '#shared/state/redis/redis-model-store.ts';
import type { Contender, Place } from './contender.ts';

/** A contender with the service `train` beside it, which trains in a thread of its own. */
export async function withTraining(
  place: Place,
  config: TrainConfig,
  settings: ForecasterSettings,
  contender: Contender,
): Promise<Contender> {
  const log = await openKafkaLog(place);
  const models = await openRedisModelStore({ url: place.redisUrl, prefix: place.prefix });
  const ports = { log, models, clock: systemClock(), logger: memoryLogger() };
  let train: RunningService | null = null;
  return {
    start: async (onFirstBatch) => {
      train = await startTrain({ ...ports, metrics: memoryMetrics() }, config, settings);
      await contender.start(onFirstBatch);
    },
    reached: (ends) => contender.reached(ends),
    stop: async () => {
      await contender.stop();
      await train?.stop();
    },
    close: async () => {
      await contender.close();
      await models.close();
      await log.close();
    },
  };
}
