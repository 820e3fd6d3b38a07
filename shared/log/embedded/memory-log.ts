import { randomUUID } from 'node:crypto';
import type { LogRecord } from '../event-log.ts';
import { LogTruncatedError } from '../log-errors.ts';
import type { Topic } from '../topics.ts';
import { LocalLog } from './local-log.ts';
import {
  type Appending,
  type Extent,
  type HeldFrom,
  type RecordStore,
  surplusOf,
} from './record-store.ts';

export interface MemoryLogOptions {
  readonly partitionCount: number;
  /** Identity of the log; random where absent. */
  readonly run?: string;
  /** Records kept per partition; all where absent. */
  readonly retainRecords?: number;
}

/** The log in memory: the contract of the durable one, without the durability. For tests and for replays that keep nothing. */
export function openMemoryLog(options: MemoryLogOptions): LocalLog {
  return new LocalLog(new MemoryRecordStore(options));
}

interface Partition {
  /** Offset of `values[0]`. */
  start: bigint;
  readonly values: Uint8Array[];
}

class MemoryRecordStore implements RecordStore {
  readonly run: string;
  readonly partitionCount: number;
  readonly #retain: number;
  readonly #partitions = new Map<string, Partition>();
  readonly #generations = new Map<string, number>();

  constructor(options: MemoryLogOptions) {
    this.run = options.run ?? randomUUID();
    this.partitionCount = options.partitionCount;
    this.#retain = options.retainRecords ?? Number.POSITIVE_INFINITY;
  }

  extent(topic: Topic, partition: number): Extent {
    const { start, values } = this.#at(topic, partition);
    return { start, end: start + BigInt(values.length) };
  }

  slice(topic: Topic, partition: number, from: bigint, limit: number): LogRecord[] {
    const { start, values } = this.#at(topic, partition);
    if (from < start) {
      throw new LogTruncatedError(
        `${topic}/${partition} must hold offset ${from}, began at ${start}`,
        { topic, partition, from, start },
      );
    }
    const at = Number(from - start);
    return values.slice(at, at + limit).map((value, k) => ({ offset: from + BigInt(k), value }));
  }

  async write(
    appendings: readonly Appending[],
    alongside: () => void,
    heldFrom: HeldFrom,
  ): Promise<bigint[]> {
    alongside();
    return appendings.map(({ topic, partition, values }) => {
      const kept = this.#at(topic, partition);
      const first = kept.start + BigInt(kept.values.length);
      // Copied, as a log on disk does: the caller may reuse its buffer.
      for (const value of values) kept.values.push(value.slice());
      const extent = this.extent(topic, partition);
      const surplus = surplusOf(extent, this.#retain, heldFrom(topic, partition));
      if (surplus > 0) {
        kept.values.splice(0, surplus);
        kept.start += BigInt(surplus);
      }
      return first;
    });
  }

  async nextGeneration(key: string): Promise<number> {
    const generation = (this.#generations.get(key) ?? 0) + 1;
    this.#generations.set(key, generation);
    return generation;
  }

  async close(): Promise<void> {}

  #at(topic: Topic, partition: number): Partition {
    const key = `${topic}/${partition}`;
    const known = this.#partitions.get(key);
    if (known !== undefined) return known;
    const fresh: Partition = { start: 0n, values: [] };
    this.#partitions.set(key, fresh);
    return fresh;
  }
}
