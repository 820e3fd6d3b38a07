import { predictSettings } from '#services/predict/config.ts';
import type { NewFold } from '#services/predict/partition-fold.ts';
import { type RunningPredict, startPredict } from '#services/predict/service.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { openKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { prometheusMetrics } from '#shared/runtime/prometheus-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { openRedisCommit } from '#shared/state/redis/redis-commit.ts';
import { openRedisModelStore } from '#shared/state/redis/redis-model-store.ts';
import { type Contender, type Place, toldOfFirst } from './contender.ts';

/** The service `predict` as its process runs it. */
export async function wholePipeline(
  place: Place,
  settings: ForecasterSettings,
  newFold?: NewFold,
): Promise<Contender> {
  const log = await openKafkaLog(place);
  const redis = { url: place.redisUrl, prefix: place.prefix };
  const commit = await openRedisCommit({ ...redis, run: log.run, log });
  const models = await openRedisModelStore(redis);
  const ports = {
    ...{ commit, models },
    clock: systemClock(),
    logger: memoryLogger(),
    metrics: prometheusMetrics(),
    ...(newFold === undefined ? {} : { newFold }),
  };
  const config = readSettings(predictSettings, {});
  let predict: RunningPredict | null = null;
  const running = (): RunningPredict => {
    if (predict === null) throw new Error('the pipeline must have been started, was not');
    return predict;
  };
  return {
    start: async (onFirstBatch) => {
      // Counters of another life of the service would be registered twice.
      const own = { ...ports, metrics: prometheusMetrics() };
      predict = await startPredict(
        { ...own, log: toldOfFirst(log, onFirstBatch) },
        config,
        settings,
      );
    },
    reached: async (ends) => {
      const { done } = running();
      await Promise.race([running().waitFor(ends), done]);
    },
    stop: () => running().stop(),
    close: async () => {
      await commit.close();
      await models.close();
      await log.close();
    },
  };
}
