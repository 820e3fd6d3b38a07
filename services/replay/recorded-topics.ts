import { forecasterSettingsOf } from '#services/solo/forecaster-settings-of.ts';
import { findKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import { openRedisModelStore } from '#shared/state/redis/redis-model-store.ts';
import type { ReplayConfig } from './config.ts';
import type { Recording } from './recording.ts';

/**
 * The topics of a run on Kafka as they stand, with its models in Redis; its processes may go on. What decides the forecasts is read
 * from the environment, as they read it.
 *
 * @throws LogMismatchError `LOG_MISMATCH`, LogUnavailableError `LOG_UNAVAILABLE`, StateUnavailableError `STATE_UNAVAILABLE`,
 *   StateEvictableError `STATE_EVICTABLE`
 */
export async function openRecordedTopics(prefix: string, config: ReplayConfig): Promise<Recording> {
  const { redisUrl: url, redisPrefix } = config.stores;
  const log = await findKafkaLog({ brokers: config.kafka.brokers, prefix });
  try {
    const models = await openRedisModelStore({ url, prefix: redisPrefix });
    return {
      ...{ name: prefix, log, models, settings: forecasterSettingsOf(config) },
      close: async () => {
        await log.close();
        await models.close();
      },
    };
  } catch (error) {
    await log.close();
    throw error;
  }
}
