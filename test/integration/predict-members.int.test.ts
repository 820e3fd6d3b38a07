import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { PredictConfig } from '#services/predict/config.ts';
import { startPredict } from '#services/predict/service.ts';
import type { ForecastEntry } from '#shared/forecast/forecast.ts';
import { decodeForecastPack } from '#shared/forecast/forecast-record.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { openKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import { partitionOf } from '#shared/log/partitioner.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import {
  type MemorySnapshots,
  openMemorySnapshotStore,
} from '#shared/state/embedded/memory-snapshot-store.ts';
import { openRedisCommit } from '#shared/state/redis/redis-commit.ts';
import { openRedisModelStore } from '#shared/state/redis/redis-model-store.ts';
import { stateDigest } from '#shared/state/state-digest.ts';
import { findShared, whyNone } from '#test/brokers/broker-source.ts';
import { sharedKafka, sharedRedis } from '#test/brokers/brokers.ts';
import { aFold } from '#test/builders/a-fold.ts';
import { someSettings } from '#test/builders/a-model.ts';
import { PredictRun } from '#test/builders/a-predict.ts';
import { aTape, bytesOf } from '#test/builders/a-tape.ts';
import { deduplicated } from '#test/builders/deduplicated.ts';
import { eventually } from '#test/builders/eventually.ts';
import { Heard } from '#test/builders/heard.ts';

const PARTITIONS = 4;
const TICKS = 6_000;
const symbols = Array.from({ length: 12 }, (_, k) => `venue:s${k}`);
const tape = aTape({ symbols, tickCount: TICKS });
const partOf = (symbol: string): number => partitionOf(symbol, PARTITIONS);
const reason = whyNone(findShared('kafka')) ?? whyNone(findShared('redis'));
const OFTEN: PredictConfig = {
  sliceRecords: 64,
  checkpointRecords: 300,
  checkpointMs: 200,
  snapshotMinutes: 0.001,
};

let brokers: readonly string[];
let url: string;

/** A run of its own on the shared brokers; what its members write is gathered from the log. */
class GroupRun {
  readonly log: EventLog;
  readonly snapshots: MemorySnapshots = [];
  readonly entries: ForecastEntry[][] = Array.from({ length: PARTITIONS }, () => []);
  readonly #prefix: string;
  readonly #heard = new Heard<bigint[]>();
  readonly #reached: bigint[] = Array.from({ length: PARTITIONS }, () => -1n);

  private constructor(prefix: string, log: EventLog) {
    this.#prefix = prefix;
    this.log = log;
  }

  static async open(): Promise<GroupRun> {
    const prefix = `test-${randomUUID()}`;
    const run = new GroupRun(prefix, await openLog(prefix));
    await run.log.follow({
      topic: 'forecasts',
      startAt: () => 0n,
      onBatch: async ({ partition, records }) => {
        for (const { value } of records) {
          const { entries } = decodeForecastPack(value);
          run.entries[partition].push(...entries);
          const last = entries[entries.length - 1].src;
          if (last > run.#reached[partition]) run.#reached[partition] = last;
        }
        run.#heard.push([...run.#reached]);
      },
    });
    return run;
  }

  /** A predict service over connections of its own, as another process would have. */
  async member() {
    const log = await openLog(this.#prefix);
    const redis = { url, prefix: this.#prefix };
    const commit = await openRedisCommit({ ...redis, run: log.run, log });
    const models = await openRedisModelStore(redis);
    const snapshots = openMemorySnapshotStore(this.snapshots);
    const [clock, logger, metrics] = [systemClock(), memoryLogger(), memoryMetrics()];
    const ports = { log, commit, models, snapshots, clock, logger, metrics };
    const predict = await startPredict(ports, OFTEN, someSettings());
    const close = async (): Promise<void> => {
      await predict.stop();
      await commit.close();
      await models.close();
    };
    onTestFinished(close);
    return { predict, logger, metrics, close };
  }

  async append(from: number, to: number): Promise<void> {
    const ticks = tape.slice(from, to);
    for (let p = 0; p < PARTITIONS; p += 1) {
      const own = ticks.filter(({ symbol }) => partOf(symbol) === p);
      if (own.length > 0) await this.log.append('ticks', p, own.map(bytesOf));
    }
  }

  /** Appends ticks by and by, until all are in the log. */
  async flow(from: number, to: number): Promise<void> {
    for (let at = from; at < to; at += 100) await this.append(at, Math.min(to, at + 100));
  }

  /** Resolves when the forecasts of every tick so far have been seen in the log. */
  async whole(): Promise<void> {
    const ends = await Promise.all(
      this.entries.map(async (_, p) => (await this.log.bounds('ticks', p)).end),
    );
    const isWhole = (reached: readonly bigint[] | undefined): boolean =>
      reached?.every((src, p) => src + 1n >= ends[p]) ?? false;
    await this.#heard.until((all) => isWhole(all.at(-1)), `forecasts up to ${ends}`);
  }

  async digest(): Promise<string> {
    const { log } = this;
    const commit = await openRedisCommit({ url, prefix: this.#prefix, run: log.run, log });
    try {
      return await stateDigest(commit, PARTITIONS);
    } finally {
      await commit.close();
    }
  }

  /** Forgets all checkpoints, as a Redis does that lost its disk. */
  async wipe(): Promise<void> {
    const redis = new Redis(url);
    // Forecasts are out before the state that they belong to is saved.
    const keys = await eventually(async () => {
      const saved = await redis.keys(`{${this.#prefix}:*:ck`);
      expect(saved).toHaveLength(PARTITIONS);
      expect(this.snapshots.length).toBeGreaterThan(0);
      return saved;
    });
    await redis.del(...keys);
    redis.disconnect();
  }
}

async function openLog(prefix: string): Promise<EventLog> {
  const log = await openKafkaLog({
    ...{ brokers, prefix, partitionCount: PARTITIONS },
    sessionTimeoutMs: 2_000,
  });
  onTestFinished(() => log.close());
  return log;
}

function claimsOf(member: { readonly logger: ReturnType<typeof memoryLogger> }): number {
  return member.logger.events.filter(({ text }) => text === 'partition claimed').length;
}

/** What one process on memory adapters makes of the same ticks. */
async function expectSameAsAlone(run: GroupRun): Promise<void> {
  const alone = new PredictRun(PARTITIONS);
  await alone.append(tape);
  const predict = await alone.start();
  await predict.waitFor(await alone.ends());
  await predict.stop();
  for (let p = 0; p < PARTITIONS; p += 1) {
    const expected = await alone.entries(p);
    expect(expected.length).toBeGreaterThan(0);
    const bytes = aFold().forecastBytes(deduplicated(run.entries[p]));
    expect(Buffer.compare(bytes, aFold().forecastBytes(expected))).toBe(0);
  }
  expect(await run.digest()).toBe(await stateDigest(alone.commit, PARTITIONS));
}

describe.skipIf(reason !== null)('a group of predict services on Kafka and Redis', () => {
  beforeAll(async () => {
    [brokers, url] = [await sharedKafka(), await sharedRedis()];
  });

  test('forecasts as one process alone does, whoever joins and leaves meanwhile', async () => {
    const run = await GroupRun.open();
    const first = await run.member();
    const second = await run.member();
    await run.flow(0, 1_500);
    const flowing = run.flow(1_500, 4_500);
    const third = await run.member();
    await run.whole();
    await eventually(() => expect(claimsOf(third)).toBeGreaterThan(0));
    await first.close();
    await flowing;
    await run.flow(4_500, TICKS);
    await run.whole();
    for (const one of [second, third]) await one.close();
    for (const one of [first, second, third]) {
      expect(claimsOf(one)).toBeGreaterThan(0);
      await expect(one.predict.done).resolves.toBeUndefined();
    }
    await expectSameAsAlone(run);
  });

  test('goes on from snapshots and the log where Redis has lost everything', async () => {
    const run = await GroupRun.open();
    const member = await run.member();
    await run.flow(0, 2_000);
    await run.whole();
    const flowing = run.flow(2_000, TICKS);
    await run.wipe();
    await flowing;
    await run.whole();
    await member.close();
    expect(member.logger.events.map(({ text }) => text)).toContain(
      'state restored from a snapshot',
    );
    await expectSameAsAlone(run);
  });
});

if (reason !== null) test('a group of predict services', ({ skip }) => skip(reason));
