import { setImmediate as nextTurn } from 'node:timers/promises';
import { unlessAborted } from '#shared/runtime/unless-aborted.ts';
import type { LogBatch, Reading } from '../event-log.ts';
import type { Topic } from '../topics.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { PartitionFetcher } from './partition-fetch.ts';

const BATCH_LIMIT = 1000;
/** How long a fetch waits on the broker for a first record. */
const WAIT_MS = 1_000;

export interface KafkaReadingOptions {
  readonly connection: KafkaConnection;
  readonly topic: Topic;
  /** As Kafka names it. */
  readonly topicName: string;
  readonly onBatch: (batch: LogBatch) => Promise<void>;
  /** Resolves once a batch may begin; a member of a group waits here while it does not hear from its coordinator. */
  readonly mayBegin: () => Promise<void>;
}

interface Lane {
  readonly partition: number;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/** Loops over partitions, one each. The first error of any loop ends all; `stop` must not be awaited inside a callback. */
export class KafkaReading implements Reading {
  readonly done: Promise<void>;
  readonly #options: KafkaReadingOptions;
  readonly #done = Promise.withResolvers<void>();
  readonly #lanes = new Map<number, Lane>();
  readonly #stopping = new AbortController();
  #before: (() => Promise<void>) | null = null;
  #ending: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor(options: KafkaReadingOptions) {
    this.#options = options;
    this.done = this.#done.promise;
  }

  /** Aborted once nothing more may begin. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** What ends before `done` settles, once: a membership. */
  endsWith(before: () => Promise<void>): void {
    this.#before = before;
  }

  /** Reads a partition from the offset that `startAt` gives, after what ran on it before has ended. */
  hold(partition: number, startAt: () => bigint | Promise<bigint>): void {
    if (this.signal.aborted) return;
    const previous = this.#lanes.get(partition);
    const abort = new AbortController();
    const ended = this.#run(partition, startAt, abort.signal, previous?.ended);
    this.#lanes.set(partition, { partition, abort, ended });
  }

  /** No batch begins on any partition from now on; resolves when the running ones have ended. */
  async release(): Promise<void> {
    const lanes = [...this.#lanes.values()];
    for (const { abort } of lanes) abort.abort();
    await Promise.all(lanes.map(({ ended }) => ended));
  }

  async stop(): Promise<void> {
    this.#ending ??= this.#end();
    await this.#ending;
  }

  /** Ends the reading; `done` rejects with the first error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#ending ??= this.#end();
  }

  async #end(): Promise<void> {
    this.#stopping.abort();
    await this.release();
    await this.#before?.();
    if (this.#failure === null) this.#done.resolve();
    else this.#done.reject(this.#failure.error);
  }

  async #run(
    partition: number,
    startAt: () => bigint | Promise<bigint>,
    signal: AbortSignal,
    previous: Promise<void> | undefined,
  ): Promise<void> {
    // The caller gets the reading, and with it `done`, before anything can fail.
    await nextTurn();
    await previous;
    if (signal.aborted) return;
    const { connection, topicName: topic } = this.#options;
    const fetcher = new PartitionFetcher(connection, { topic, partition });
    try {
      await this.#readPartition(partition, startAt, fetcher, signal);
    } catch (error) {
      // What a fenced callback throws after its partition was revoked is the fence at work, not a fault of the reading.
      if (!signal.aborted || this.signal.aborted) this.fail(error);
    } finally {
      fetcher.close();
    }
  }

  async #readPartition(
    partition: number,
    startAt: () => bigint | Promise<bigint>,
    fetcher: PartitionFetcher,
    signal: AbortSignal,
  ): Promise<void> {
    let next = await startAt();
    while (!signal.aborted) {
      const fetched = await unlessAborted(fetcher.fetch(next, WAIT_MS, signal), signal);
      if (fetched === null) return;
      for (let at = 0; at < fetched.length && !signal.aborted; at += BATCH_LIMIT) {
        await this.#options.mayBegin();
        if (signal.aborted) return;
        const records = fetched.slice(at, at + BATCH_LIMIT);
        await this.#options.onBatch({ topic: this.#options.topic, partition, records });
        next += BigInt(records.length);
      }
      // A long backlog read in microtasks alone would keep timers and sockets waiting.
      await nextTurn();
    }
  }
}
