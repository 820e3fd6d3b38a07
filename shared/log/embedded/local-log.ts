import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  Bounds,
  EventLog,
  FollowOptions,
  LogRecord,
  Reading,
  SubscribeOptions,
} from '../event-log.ts';
import { LogClosedError } from '../log-errors.ts';
import { partitionsOf, requirePartition, type Topic } from '../topics.ts';
import { LocalReading, type LocalReadingOptions } from './local-reading.ts';
import type { Appending, RecordStore } from './record-store.ts';

const BATCH_LIMIT = 1000;

/**
 * The event log of one process, over a store of records. A group has one member, which holds every partition; subscribing again
 * revokes the member before.
 */
export class LocalLog implements EventLog {
  readonly run: string;
  readonly partitionCount: number;
  readonly #store: RecordStore;
  readonly #readings = new Set<LocalReading>();
  /** Ended by an error. The next life goes on where they were, so what they had not read is not deleted in this one. */
  readonly #failed = new Set<LocalReading>();
  /** The one member of each group. */
  readonly #members = new Map<string, LocalReading>();
  #isClosed = false;

  constructor(store: RecordStore) {
    this.#store = store;
    this.run = store.run;
    this.partitionCount = store.partitionCount;
  }

  async append(
    topic: Topic,
    partition: number,
    values: readonly Uint8Array[],
  ): Promise<{ first: bigint }> {
    const [first] = await this.appendTogether([{ topic, partition, values }], () => undefined);
    return { first };
  }

  /**
   * Several appends and a write of the store beside the log as one act; the commit is made of it.
   *
   * @param alongside runs first, inside; nothing happens where it throws
   * @returns the offset of the first record of each appending
   */
  async appendTogether(
    appendings: readonly Appending[],
    alongside: () => void,
  ): Promise<readonly bigint[]> {
    this.#requireOpen();
    for (const { topic, partition } of appendings)
      requirePartition(topic, partition, this.partitionCount);
    const firsts = await this.#store.write(appendings, alongside, (topic, partition) =>
      this.#heldFrom(topic, partition),
    );
    for (const reading of this.#readings) {
      for (const { topic, partition } of appendings) {
        if (reading.topic === topic) reading.wake(partition);
      }
    }
    return firsts;
  }

  async *read(
    topic: Topic,
    partition: number,
    from: bigint,
    to: bigint,
  ): AsyncGenerator<readonly LogRecord[]> {
    requirePartition(topic, partition, this.partitionCount);
    this.#requireOpen();
    const { end } = this.#store.extent(topic, partition);
    const until = to < end ? to : end;
    for (let next = from; next < until; ) {
      this.#requireOpen();
      const limit = until - next < BATCH_LIMIT ? Number(until - next) : BATCH_LIMIT;
      const records = this.#store.slice(topic, partition, next, limit);
      next += BigInt(records.length);
      yield records;
      await nextTurn();
    }
  }

  async follow(options: FollowOptions): Promise<Reading> {
    const { topic, startAt, onBatch } = options;
    return this.#startReading({ topic, startAt, onBatch, onRevoked: () => undefined });
  }

  async subscribe(options: SubscribeOptions): Promise<Reading> {
    this.#requireOpen();
    const { topic, onBatch, onAssigned, onRevoked } = options;
    const key = `${topic} ${options.group}`;
    this.#members.get(key)?.revoke();
    const generation = await this.#store.nextGeneration(key);
    // Another one may have subscribed while the generation was being stored.
    this.#members.get(key)?.revoke();
    const partitions = partitionsOf(topic, this.partitionCount);
    options.onJoined?.(Array.from({ length: partitions }, (_, p) => p));
    const reading = this.#startReading({
      topic,
      startAt: (partition) => onAssigned(partition, generation),
      onBatch,
      onRevoked,
    });
    this.#members.set(key, reading);
    return reading;
  }

  async bounds(topic: Topic, partition: number): Promise<Bounds> {
    this.#requireOpen();
    requirePartition(topic, partition, this.partitionCount);
    return { ...this.#store.extent(topic, partition), topicId: `${this.run}/${topic}` };
  }

  /** Ends every reading, then the store. Not to be awaited inside a callback of a reading. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all([...this.#readings].map((reading) => reading.stop()));
    await this.#store.close();
  }

  #startReading(
    options: Omit<LocalReadingOptions, 'store' | 'partitions' | 'onEnd'>,
  ): LocalReading {
    this.#requireOpen();
    const reading = new LocalReading({
      ...options,
      store: this.#store,
      partitions: partitionsOf(options.topic, this.partitionCount),
      onEnd: () => this.#forget(reading),
    });
    this.#readings.add(reading);
    return reading;
  }

  /** A member that has ended by itself is not told later that it was revoked. */
  #forget(reading: LocalReading): void {
    this.#readings.delete(reading);
    if (!reading.isReleased) this.#failed.add(reading);
    for (const [key, member] of this.#members) {
      if (member === reading) this.#members.delete(key);
    }
  }

  /** What a reading has not dealt with yet is kept whatever its age: a writer at full speed is faster than the fold. */
  #heldFrom(topic: Topic, partition: number): bigint | null {
    let oldest: bigint | null = null;
    for (const reading of [...this.#readings, ...this.#failed]) {
      if (reading.isReleased || reading.topic !== topic) continue;
      const from = reading.heldFrom(partition);
      if (oldest === null || from < oldest) oldest = from;
    }
    return oldest;
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new LogClosedError('the log must be open, was closed');
  }
}
