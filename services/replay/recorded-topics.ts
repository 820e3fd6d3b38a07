import { kafkaAccessOf } from '#services/distributed/config.ts';
import { findKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import { openFileModelStore } from '#shared/state/files/file-model-store.ts';
import type { ModelStore } from '#shared/state/model-store.ts';
import { openRedisModelStore } from '#shared/state/redis/redis-model-store.ts';
import type { ReplayConfig } from './config.ts';
import { type Recording, recordedSettings } from './recording.ts';

/**
 * The topics of a run on Kafka as they stand, with its models where the environment says; its processes may go on. What decides the forecasts is what
 * the run has pinned.
 *
 * @throws LogMismatchError `LOG_MISMATCH`, LogUnavailableError `LOG_UNAVAILABLE`, StateUnavailableError `STATE_UNAVAILABLE`,
 *   StateEvictableError `STATE_EVICTABLE`
 */
export async function openRecordedTopics(prefix: string, config: ReplayConfig): Promise<Recording> {
  const { log, manifest } = await findKafkaLog({ ...kafkaAccessOf(config), prefix });
  try {
    const settings = recordedSettings(manifest.settings, prefix);
    const { models, close } = await modelsOf(config);
    return {
      ...{ name: prefix, log, models, settings },
      close: async () => {
        await log.close();
        await close();
      },
    };
  } catch (error) {
    await log.close();
    throw error;
  }
}

async function modelsOf({
  stores: { modelStore, modelDir, redisUrl: url, redisPrefix: prefix },
}: ReplayConfig): Promise<{ readonly models: ModelStore; readonly close: () => Promise<void> }> {
  if (modelStore === 'files') {
    return { models: openFileModelStore(modelDir), close: async () => undefined };
  }
  const models = await openRedisModelStore({ url, prefix });
  return { models, close: () => models.close() };
}
