import { forecasterSettingsOf } from '#services/solo/forecaster-settings-of.ts';
import { FOLD_VERSION } from '#shared/forecast/forecaster.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { openKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import { openFileModelStore } from '#shared/state/files/file-model-store.ts';
import { openFileSnapshotStore } from '#shared/state/files/file-snapshot-store.ts';
import type { ModelStore } from '#shared/state/model-store.ts';
import { openRedisCommit, type RedisCommit } from '#shared/state/redis/redis-commit.ts';
import { openRedisModelStore } from '#shared/state/redis/redis-model-store.ts';
import type { SnapshotStore } from '#shared/state/snapshot-store.ts';
import { type DistributedConfig, topicOptionsOf } from './config.ts';

/** The log and the stores that a process asks for, closed together. */
export class Brokers {
  readonly log: EventLog;
  readonly #config: DistributedConfig;
  readonly #opened: { close(): Promise<void> }[] = [];

  private constructor(config: DistributedConfig, log: EventLog) {
    this.#config = config;
    this.log = log;
    this.#opened.push(log);
  }

  /** @throws LogMismatchError `LOG_MISMATCH`, LogUnavailableError `LOG_UNAVAILABLE` */
  static async open(config: DistributedConfig, clientId: string): Promise<Brokers> {
    const log = await openKafkaLog({
      ...topicOptionsOf(config),
      ...{ clientId, sessionTimeoutMs: config.kafka.sessionTimeoutMs },
      settings: { ...forecasterSettingsOf(config), foldVersion: FOLD_VERSION },
    });
    return new Brokers(config, log);
  }

  /** @throws StateUnavailableError `STATE_UNAVAILABLE`, StateEvictableError `STATE_EVICTABLE` */
  async commit(): Promise<RedisCommit> {
    const { run } = this.log;
    return this.#keep(await openRedisCommit({ ...this.#redis(), run, log: this.log }));
  }

  /** @throws StateUnavailableError `STATE_UNAVAILABLE`, StateEvictableError `STATE_EVICTABLE` */
  async models(): Promise<ModelStore> {
    const { modelStore, modelDir } = this.#config.stores;
    if (modelStore === 'files') return openFileModelStore(modelDir);
    return this.#keep(await openRedisModelStore(this.#redis()));
  }

  /** Null where no folder is set. */
  snapshots(): SnapshotStore | null {
    const { snapshotDir } = this.#config.stores;
    return snapshotDir === '' ? null : openFileSnapshotStore(snapshotDir);
  }

  /** The log last, as what is saved on the way out may append to it. */
  async close(): Promise<void> {
    for (const one of this.#opened.splice(0).reverse()) await one.close();
  }

  #redis() {
    const { redisUrl: url, redisPrefix: prefix } = this.#config.stores;
    return { url, prefix, patienceMs: this.#config.patienceSeconds * 1000 };
  }

  #keep<T extends { close(): Promise<void> }>(opened: T): T {
    this.#opened.push(opened);
    return opened;
  }
}
