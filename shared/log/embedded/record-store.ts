import type { LogRecord } from '../event-log.ts';
import type { Topic } from '../topics.ts';

/** Records for one partition of a topic. */
export interface Appending {
  readonly topic: Topic;
  readonly partition: number;
  readonly values: readonly Uint8Array[];
}

/** Offsets of a partition that are in durable storage: `start` is the oldest kept, `end` the next one. */
export interface Extent {
  readonly start: bigint;
  readonly end: bigint;
}

/** The oldest offset of a partition that a reading still needs; null where none is behind. */
export type HeldFrom = (topic: Topic, partition: number) => bigint | null;

/** Records that retention may delete of a partition. @param retain records that are kept in any case */
export function surplusOf({ start, end }: Extent, retain: number, heldFrom: bigint | null): number {
  const surplus = Number(end - start) - retain;
  const read = heldFrom === null ? surplus : Math.min(surplus, Number(heldFrom - start));
  return Math.max(0, read);
}

/** Where LocalLog keeps its records: the part in which the memory log and the lmdb log differ. */
export interface RecordStore {
  readonly run: string;
  readonly partitionCount: number;
  extent(topic: Topic, partition: number): Extent;
  /** At most `limit` durable records from `from` on. @throws LogTruncatedError `LOG_TRUNCATED` where `from` is no longer kept */
  slice(topic: Topic, partition: number, from: bigint, limit: number): LogRecord[];
  /**
   * `alongside`, then the appendings, as one act: nothing of it happens where `alongside` throws. Resolves when all is durable.
   *
   * @param heldFrom what is kept beyond retention, as somebody has not read it yet
   * @returns the offset of the first record of each appending
   */
  write(
    appendings: readonly Appending[],
    alongside: () => void,
    heldFrom: HeldFrom,
  ): Promise<bigint[]>;
  /** One more than at the last call for this key, also after a restart; 1 at first. */
  nextGeneration(key: string): Promise<number>;
  close(): Promise<void>;
}
