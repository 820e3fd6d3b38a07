import { Redis } from 'ioredis';
import type { EventLog, LogBatch, Reading } from '#shared/log/event-log.ts';
import { openKafkaLog } from '#shared/log/kafka/kafka-log.ts';
import type { Contender, Place } from './contender.ts';
import { bytesFor, type MadeForecasts } from './made-forecasts.ts';

/** What any pipeline on these brokers must do at least: per batch one append of the same bytes and one write to Redis, no model. */
export async function passThrough(place: Place, made: MadeForecasts): Promise<Contender> {
  const log = await openKafkaLog(place);
  const redis = new Redis(place.redisUrl);
  return new PassThrough(log, redis, place.prefix, made);
}

class PassThrough implements Contender {
  readonly #log: EventLog;
  readonly #redis: Redis;
  readonly #key: string;
  readonly #made: MadeForecasts;
  readonly #next: bigint[];
  /** The writes in flight, per partition: beside the next batch, as in the pipeline. */
  readonly #writing: Promise<unknown>[];
  #turn = 0;
  #reading: Reading | null = null;
  #onFirstBatch = (): void => undefined;
  #wake = Promise.withResolvers<void>();

  constructor(log: EventLog, redis: Redis, key: string, made: MadeForecasts) {
    this.#log = log;
    this.#redis = redis;
    this.#key = key;
    this.#made = made;
    this.#next = Array.from({ length: log.partitionCount }, () => 0n);
    this.#writing = this.#next.map(() => Promise.resolve());
  }

  async start(onFirstBatch: () => void): Promise<void> {
    this.#onFirstBatch = onFirstBatch;
    this.#reading = await this.#log.subscribe({
      topic: 'ticks',
      group: 'predict',
      onAssigned: async (partition) => this.#next[partition],
      onBatch: (batch) => this.#take(batch),
      onRevoked: () => undefined,
    });
  }

  async reached(ends: readonly bigint[]): Promise<void> {
    while (!ends.every((end, partition) => this.#next[partition] >= end)) {
      await Promise.race([this.#wake.promise, this.#reading?.done]);
    }
  }

  async stop(): Promise<void> {
    await this.#reading?.stop();
  }

  async close(): Promise<void> {
    await this.#redis.quit();
    await this.#log.close();
  }

  async #take({ partition, records }: LogBatch): Promise<void> {
    this.#onFirstBatch();
    await this.#writing[partition];
    const next = records[records.length - 1].offset + 1n;
    this.#turn += 1;
    const bytes = bytesFor(this.#made, records.length, this.#turn);
    const written = Promise.all([
      this.#log.append('forecasts', partition, [withHeader(bytes, records[0].offset, next)]),
      this.#redis.hset(`${this.#key}:${partition}`, 'next', `${next}`),
    ]).then(() => {
      this.#next[partition] = next;
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    });
    this.#writing[partition] = written;
  }
}

/** Whoever measures how long a tick took must know which ticks a record answers. */
function withHeader(bytes: Uint8Array, first: bigint, next: bigint): Uint8Array {
  const record = Buffer.from(bytes);
  record.writeBigUInt64LE(first, 0);
  record.writeBigUInt64LE(next, 8);
  return record;
}
