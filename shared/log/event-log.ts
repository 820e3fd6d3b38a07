import type { Topic } from './topics.ts';

/** One record as the log keeps it; `offset` counts from 0 in its partition, without gaps. */
export interface LogRecord {
  readonly offset: bigint;
  readonly value: Uint8Array;
}

/** Consecutive records of one partition, at least one. */
export interface LogBatch {
  readonly topic: Topic;
  readonly partition: number;
  readonly records: readonly LogRecord[];
}

export interface Bounds {
  /** The oldest offset still kept. */
  readonly start: bigint;
  /** The offset that the next record will get. */
  readonly end: bigint;
  /** Identity of this life of the topic: differs when the topic was deleted and made again. */
  readonly topicId: string;
}

/** A running `follow` or `subscribe`. */
export interface Reading {
  /** No `onBatch` starts after this was called; resolves when the running ones have ended. Idempotent. */
  stop(): Promise<void>;
  /** Resolves after `stop`; rejects with the error of the log or of the first callback that threw, which ends the reading. */
  readonly done: Promise<void>;
}

export interface FollowOptions {
  readonly topic: Topic;
  /** First offset wanted per partition. */
  readonly startAt: (partition: number) => bigint;
  /** Called per partition in offset order; the next batch of that partition waits until it resolves (policy `block`). */
  readonly onBatch: (batch: LogBatch) => Promise<void>;
}

export interface SubscribeOptions {
  readonly topic: Topic;
  /**
   * Consumer group: each partition has one reader in it, except for a stale one that has not noticed yet. On Kafka members share the
   * partitions; in one process the newest member has all, and the one before it ends.
   */
  readonly group: string;
  /** Called at each assignment, before `onAssigned` of its partitions; a member of a large group may get none. */
  readonly onJoined?: (partitions: readonly number[]) => void;
  /** Called once per assignment, before any batch of it; the reading starts at the offset it resolves to. */
  readonly onAssigned: (partition: number, generation: number) => Promise<bigint>;
  readonly onBatch: (batch: LogBatch) => Promise<void>;
  /**
   * Best effort: may come late or never. Safety is the commit, not this call. Called while the last `onBatch` may still run; what it
   * returns is waited for, with that batch, as long as the log can hold the partition for us.
   */
  readonly onRevoked: (partition: number) => void | Promise<void>;
}

/**
 * The ordered, durable log. Promises, for every adapter (test/contract/event-log.contract.ts):
 * - records of one partition keep the order of their appends; an append of many is contiguous and all or nothing;
 * - an append has reached durable storage when it resolves; it is then seen by every reader, once per reading;
 * - offsets are dense; nothing is skipped silently: reading below `start` throws `LOG_TRUNCATED`;
 * - retention deletes nothing that a reading under way, or one that failed, has not dealt with; brokers of Kafka delete by age,
 *   whoever reads: there a reading that was overtaken ends with `LOG_TRUNCATED`;
 * - a batch is at most 1,000 records; while `onBatch` runs, no other batch of that partition is fetched.
 */
export interface EventLog {
  /** Identity of one life of the whole log; a position with another run is not ours. */
  readonly run: string;
  /** Partitions of `ticks` and `forecasts`; the other topics have one. */
  readonly partitionCount: number;
  append(
    topic: Topic,
    partition: number,
    values: readonly Uint8Array[],
  ): Promise<{ first: bigint }>;
  /** Records from (inclusive) to (exclusive) that exist now, in batches. @throws LogTruncatedError `LOG_TRUNCATED` */
  read(
    topic: Topic,
    partition: number,
    from: bigint,
    to: bigint,
  ): AsyncIterable<readonly LogRecord[]>;
  /** All partitions, no group. For the gateway and the trainer. */
  follow(options: FollowOptions): Promise<Reading>;
  subscribe(options: SubscribeOptions): Promise<Reading>;
  bounds(topic: Topic, partition: number): Promise<Bounds>;
  close(): Promise<void>;
}
