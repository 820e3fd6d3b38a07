import { Redis } from 'ioredis';
import type { Place } from './contender.ts';
import { bytesFor, type MadeForecasts } from './made-forecasts.ts';

/** Consecutive ticks of a partition. */
export interface TickRange {
  readonly partition: number;
  readonly first: bigint;
  /** Behind the last. */
  readonly next: bigint;
}

/** Resolves once the record is acknowledged. */
export type AppendForecasts = (partition: number, record: Buffer) => Promise<unknown>;

/** What every pass-through does with a batch: one record of as many bytes as its forecasts take, and one write to Redis. */
export class BatchAnswers {
  readonly #append: AppendForecasts;
  readonly #redis: Redis;
  readonly #key: string;
  readonly #made: MadeForecasts;
  readonly #next: bigint[];
  /** The writes in flight, per partition: beside the next batch, as in the pipeline. */
  readonly #writing: Promise<unknown>[];
  #turn = 0;
  #wake = Promise.withResolvers<void>();

  constructor(place: Place, made: MadeForecasts, append: AppendForecasts) {
    this.#append = append;
    this.#redis = new Redis(place.redisUrl);
    this.#key = place.prefix;
    this.#made = made;
    this.#next = Array.from({ length: place.partitionCount }, () => 0n);
    this.#writing = this.#next.map(() => Promise.resolve());
  }

  /** Per partition, behind the last tick whose answer is acknowledged. */
  get positions(): readonly bigint[] {
    return [...this.#next];
  }

  /** Resolves once the partition's next batch may come: when its previous write is acknowledged, and this one is under way. */
  async take({ partition, first, next }: TickRange): Promise<void> {
    await this.#writing[partition];
    const expected = this.#next[partition];
    if (first !== expected) {
      throw new Error(`partition ${partition} must go on at ${expected}, went on at ${first}`);
    }
    this.#turn += 1;
    const bytes = bytesFor(this.#made, Number(next - first), this.#turn);
    this.#writing[partition] = Promise.all([
      this.#append(partition, withHeader(bytes, first, next)),
      this.#redis.hset(`${this.#key}:${partition}`, 'next', `${next}`),
    ]).then(() => {
      this.#next[partition] = next;
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    });
  }

  /** @param failed rejects where whoever reads has given up */
  async reached(ends: readonly bigint[], failed: Promise<unknown> | undefined): Promise<void> {
    while (!ends.every((end, partition) => this.#next[partition] >= end)) {
      await Promise.race([this.#wake.promise, failed]);
    }
  }

  /** Resolves when nothing is in flight. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing);
  }

  async close(): Promise<void> {
    await this.#redis.quit();
  }
}

/** Whoever measures how long a tick took must know which ticks a record answers. */
function withHeader(bytes: Uint8Array, first: bigint, next: bigint): Buffer {
  const record = Buffer.from(bytes);
  record.writeBigUInt64LE(first, 0);
  record.writeBigUInt64LE(next, 8);
  return record;
}
