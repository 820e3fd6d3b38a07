import { randomUUID } from 'node:crypto';
import { distributedSettings } from '#services/distributed/config.ts';
import { forecasterSettingsOf } from '#services/solo/forecaster-settings-of.ts';
import { FOLD_VERSION } from '#shared/forecast/forecaster.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { openKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import type { ModelStore } from '#shared/state/model-store.ts';
import { openRedisCommit } from '#shared/state/redis/redis-commit.ts';
import { openRedisModelStore } from '#shared/state/redis/redis-model-store.ts';
import { stateDigest } from '#shared/state/state-digest.ts';
import { RunningServices } from './running-services.ts';

export interface DistributedRunOptions {
  readonly brokers: readonly string[];
  /** Of Redis. */
  readonly url: string;
  readonly partitionCount: number;
  /** Further settings of its processes. */
  readonly settings?: Readonly<Record<string, string>>;
}

const SESSION_MS = 2_000;
/** Brokers of a test may be down for long on a busy machine. */
const PATIENCE_MS = 120_000;

/** A run with topics, keys and processes of its own, and what a test needs to look into it. `end` it. */
export class DistributedRun {
  /** Of topics and keys. */
  readonly prefix = `run-${randomUUID()}`;
  readonly services: RunningServices;
  /** What its processes and a replay of its topics read. */
  readonly settings: Readonly<Record<string, string>>;
  readonly #options: DistributedRunOptions;
  readonly #closing: { close(): Promise<unknown> }[] = [];

  constructor(options: DistributedRunOptions) {
    this.#options = options;
    this.settings = {
      FORETICK_KAFKA_BROKERS: options.brokers.join(','),
      FORETICK_KAFKA_PREFIX: this.prefix,
      FORETICK_KAFKA_RETENTION_HOURS: '0',
      FORETICK_KAFKA_SESSION_TIMEOUT_MS: `${SESSION_MS}`,
      FORETICK_REDIS_URL: options.url,
      FORETICK_REDIS_PREFIX: this.prefix,
      FORETICK_PARTITIONS: `${options.partitionCount}`,
      ...options.settings,
    };
    this.services = new RunningServices(this.settings);
  }

  async log(): Promise<EventLog> {
    const { brokers, partitionCount } = this.#options;
    const config = readSettings(distributedSettings, this.settings);
    const settings = { ...forecasterSettingsOf(config), foldVersion: FOLD_VERSION };
    const options = { brokers, prefix: this.prefix, partitionCount, settings };
    const patienceMs = PATIENCE_MS;
    return this.#kept(await openKafkaLog({ ...options, patienceMs }));
  }

  async models(): Promise<ModelStore> {
    const { url } = this.#options;
    return this.#kept(await openRedisModelStore({ url, prefix: this.prefix }));
  }

  /** Of what the store holds of the log's run. */
  async stateDigest(log: EventLog): Promise<string> {
    const { url, partitionCount } = this.#options;
    const { run } = log;
    const where = { url, prefix: this.prefix, patienceMs: PATIENCE_MS };
    const commit = await openRedisCommit({ ...where, run, log });
    try {
      return await stateDigest(commit, partitionCount);
    } finally {
      await commit.close();
    }
  }

  async end(): Promise<void> {
    await this.services.killAll();
    for (const one of this.#closing.reverse()) await one.close();
  }

  #kept<T extends { close(): Promise<unknown> }>(opened: T): T {
    this.#closing.push(opened);
    return opened;
  }
}
