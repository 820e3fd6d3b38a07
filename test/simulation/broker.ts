import type { LogRecord } from '#shared/log/event-log.ts';
import { LogTruncatedError } from '#shared/log/log-errors.ts';
import { partitionsOf, TOPICS, type Topic } from '#shared/log/topics.ts';

interface Partition {
  /** Offset of `values[0]`. */
  start: number;
  values: Uint8Array[];
  /** Fetches that wait for the next record. */
  waiting: (() => void)[];
}

/** The log itself, which outlives every process: what has been appended here is kept until a test takes it away. */
export class Broker {
  readonly run: string;
  readonly partitionCount: number;
  /** Told of every append, when it takes effect. */
  onAppended: (topic: Topic, partition: number, values: readonly Uint8Array[]) => void = () => {};
  /** Partitions of `forecasts` whose next records are acknowledged and then lost. */
  readonly losing = new Set<number>();
  readonly #partitions = new Map<string, Partition>();

  constructor(run: string, partitionCount: number) {
    this.run = run;
    this.partitionCount = partitionCount;
    for (const topic of TOPICS) {
      for (let p = 0; p < partitionsOf(topic, partitionCount); p += 1) {
        this.#partitions.set(`${topic}/${p}`, { start: 0, values: [], waiting: [] });
      }
    }
  }

  append(topic: Topic, partition: number, values: readonly Uint8Array[]): bigint {
    const kept = this.#at(topic, partition);
    const first = kept.start + kept.values.length;
    const isLost = topic === 'forecasts' && this.losing.delete(partition);
    if (!isLost) kept.values.push(...values);
    this.onAppended(topic, partition, values);
    if (!isLost) for (const wake of kept.waiting.splice(0)) wake();
    return BigInt(first);
  }

  extent(topic: Topic, partition: number): { readonly start: bigint; readonly end: bigint } {
    const { start, values } = this.#at(topic, partition);
    return { start: BigInt(start), end: BigInt(start + values.length) };
  }

  /** @throws LogTruncatedError `LOG_TRUNCATED` */
  slice(topic: Topic, partition: number, from: bigint, limit: number): LogRecord[] {
    const { start, values } = this.#at(topic, partition);
    const at = Number(from) - start;
    if (at < 0 || at > values.length) {
      const end = start + values.length;
      throw new LogTruncatedError(`${topic}/${partition} holds ${start} to ${end}, not ${from}`);
    }
    return values
      .slice(at, at + limit)
      .map((value, k) => ({ offset: from + BigInt(k), value: value.slice() }));
  }

  /** Calls back once, at the next append. */
  whenAppended(topic: Topic, partition: number, wake: () => void): void {
    this.#at(topic, partition).waiting.push(wake);
  }

  /** Deletes the oldest records, as retention does. */
  truncate(topic: Topic, partition: number, start: number): void {
    const kept = this.#at(topic, partition);
    kept.values.splice(0, Math.max(0, start - kept.start));
    kept.start = Math.max(kept.start, start);
  }

  /** Forgets the newest records, as an unclean election does. */
  loseTail(topic: Topic, partition: number, count: number): void {
    this.#at(topic, partition).values.splice(-count);
  }

  #at(topic: Topic, partition: number): Partition {
    const found = this.#partitions.get(`${topic}/${partition}`);
    if (found === undefined) throw new RangeError(`no partition ${partition} of ${topic}`);
    return found;
  }
}
