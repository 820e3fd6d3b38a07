import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogBatch, Reading } from '../event-log.ts';
import { LogTruncatedError } from '../log-errors.ts';
import type { Topic } from '../topics.ts';
import type { RecordStore } from './record-store.ts';

const BATCH_LIMIT = 1000;

export interface LocalReadingOptions {
  readonly store: RecordStore;
  readonly topic: Topic;
  readonly partitions: number;
  readonly startAt: (partition: number) => bigint | Promise<bigint>;
  readonly onBatch: (batch: LogBatch) => Promise<void>;
  readonly onRevoked: (partition: number) => void | Promise<void>;
  /** Called once, when the last loop has ended, for whatever reason. */
  readonly onEnd: () => void;
}

/**
 * One loop per partition over the records of a store. It sleeps until `wake`, never polls. The first error of any loop ends all.
 * `stop` must not be awaited inside `onBatch`: it waits for that very call.
 */
export class LocalReading implements Reading {
  readonly done: Promise<void>;
  readonly #options: LocalReadingOptions;
  /** What ends the sleep of a partition's loop; at most one per partition. */
  readonly #sleepers = new Map<number, () => void>();
  /** Resolves when `done` settles. Apart from `done`, so that an error nobody awaits stays an unhandled rejection. */
  readonly #ended = Promise.withResolvers<void>();
  /** Offset per partition below which every batch was dealt with. */
  readonly #dealtWith = new Map<number, bigint>();
  #isStopped = false;
  #isReleased = false;
  #revocation: Promise<void> = Promise.resolve();

  constructor(options: LocalReadingOptions) {
    this.#options = options;
    this.done = this.#readAll();
  }

  get topic(): Topic {
    return this.#options.topic;
  }

  /** Was told to end: it needs no further record. One that failed was not. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** Oldest offset that is still needed; 0 until it is known where the partition begins. */
  heldFrom(partition: number): bigint {
    return this.#dealtWith.get(partition) ?? 0n;
  }

  /** New records may be there. */
  wake(partition: number): void {
    this.#sleepers.get(partition)?.();
  }

  /** Another reading takes the partitions over; the callbacks that run here are not waited for. */
  revoke(): void {
    this.#isReleased = true;
    if (this.#isStopped) return;
    this.#halt();
    this.#revocation = this.#tellRevoked();
  }

  async stop(): Promise<void> {
    this.#isReleased = true;
    this.#halt();
    await this.#ended.promise;
  }

  #halt(): void {
    this.#isStopped = true;
    for (const wake of this.#sleepers.values()) wake();
  }

  /** Async, so that what a callback throws ends this reading and not the one that takes over. */
  async #tellRevoked(): Promise<void> {
    const { partitions, onRevoked } = this.#options;
    await Promise.all(Array.from({ length: partitions }, (_, p) => onRevoked(p)));
  }

  async #readAll(): Promise<void> {
    // The caller gets the reading, and with it `done`, before anything can fail.
    await nextTurn();
    const loops = Array.from({ length: this.#options.partitions }, (_, partition) =>
      this.#readPartition(partition).catch((error: unknown) => {
        this.#halt();
        throw error;
      }),
    );
    await Promise.allSettled(loops);
    this.#options.onEnd();
    this.#ended.resolve();
    await Promise.all([...loops, this.#revocation]);
  }

  async #readPartition(partition: number): Promise<void> {
    const { store, topic, onBatch, startAt } = this.#options;
    if (this.#isStopped) return;
    let next = await startAt(partition);
    requireReached(store, topic, partition, next);
    while (!this.#isStopped) {
      this.#dealtWith.set(partition, next);
      const records = store.slice(topic, partition, next, BATCH_LIMIT);
      if (records.length === 0) {
        await this.#sleep(partition);
        continue;
      }
      next += BigInt(records.length);
      await onBatch({ topic, partition, records });
      // A long backlog read in microtasks alone would keep timers and sockets waiting.
      await nextTurn();
    }
  }

  #sleep(partition: number): Promise<void> {
    return new Promise((resolve) => {
      this.#sleepers.set(partition, () => {
        this.#sleepers.delete(partition);
        resolve();
      });
    });
  }
}

/** A reader that stands behind the end has seen records which this log never had: another log, or one that lost its tail. */
function requireReached(store: RecordStore, topic: Topic, partition: number, from: bigint): void {
  const { end } = store.extent(topic, partition);
  if (from > end) {
    throw new LogTruncatedError(
      `${topic}/${partition} must reach offset ${from}, ended at ${end}`,
      { topic, partition, from, end },
    );
  }
}
