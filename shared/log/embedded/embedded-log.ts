import { CorruptBytesError } from '#shared/errors.ts';
import type { LogRecord } from '../event-log.ts';
import { LogTruncatedError } from '../log-errors.ts';
import { partitionsOf, TOPICS, type Topic } from '../topics.ts';
import { checked, withChecksum } from './checked-record.ts';
import type { Environment, Table } from './embedded-environment.ts';
import { LocalLog } from './local-log.ts';
import {
  type Appending,
  type Extent,
  type HeldFrom,
  type RecordStore,
  surplusOf,
} from './record-store.ts';

const EMPTY: Extent = { start: 0n, end: 0n };
/** Deleted per append at most, beside as many as were appended: a lowered retention is caught up with in slices. */
const DELETED_PER_APPEND = 1000;

/** The log on disk. `close` ends its readings and closes the environment: state takes no commit without its log. */
export function openEmbeddedLog(environment: Environment): LocalLog {
  return new LocalLog(new EmbeddedRecordStore(environment));
}

/** One table per partition of a topic, its key the offset; a table of heads holds each one's extent. */
class EmbeddedRecordStore implements RecordStore {
  readonly run: string;
  readonly partitionCount: number;
  readonly #environment: Environment;
  readonly #heads: Table;
  readonly #groups: Table;
  readonly #records = new Map<string, Table>();
  /** What is on the disk, hence may be seen. Inside a transaction the heads are the truth. */
  readonly #visible = new Map<string, Extent>();

  constructor(environment: Environment) {
    this.run = environment.run;
    this.partitionCount = environment.partitionCount;
    this.#environment = environment;
    this.#heads = environment.table('log-heads');
    this.#groups = environment.table('log-groups');
    for (const topic of TOPICS) {
      for (let p = 0; p < partitionsOf(topic, this.partitionCount); p++) {
        const name = nameOf(topic, p);
        this.#records.set(name, environment.table(`log-${name}`));
        this.#visible.set(name, this.#head(name));
      }
    }
  }

  extent(topic: Topic, partition: number): Extent {
    return this.#visible.get(nameOf(topic, partition)) ?? EMPTY;
  }

  slice(topic: Topic, partition: number, from: bigint, limit: number): LogRecord[] {
    this.#environment.requireOpen();
    const { start, end } = this.extent(topic, partition);
    if (from < start) throw truncated(topic, partition, from, start);
    const count = end - from < limit ? Number(end - from) : limit;
    const records: LogRecord[] = [];
    if (count <= 0) return records;
    const range = this.#table(topic, partition).getRange({ start: keyOf(from), limit: count });
    let offset = from;
    for (const { key, value } of range) {
      const found = offsetOf(key);
      // Retention may have passed us in a transaction that is not yet told.
      if (found !== offset && records.length === 0) {
        throw truncated(topic, partition, from, found);
      }
      if (found !== offset) throw gap(topic, partition, offset, found);
      const whole = checked(value, () => `${topic}/${partition}/${found}`);
      records.push({ offset, value: whole });
      offset += 1n;
    }
    if (records.length < count) throw gap(topic, partition, offset, null);
    return records;
  }

  async write(
    appendings: readonly Appending[],
    alongside: () => void,
    heldFrom: HeldFrom,
  ): Promise<bigint[]> {
    const written = await this.#environment.transact(() => {
      alongside();
      return appendings.map((appending) => this.#appendInside(appending, heldFrom));
    });
    for (const { name, extent } of written) {
      const before = this.#visible.get(name) ?? EMPTY;
      if (extent.end > before.end) this.#visible.set(name, extent);
    }
    return written.map(({ first }) => first);
  }

  async nextGeneration(key: string): Promise<number> {
    return this.#environment.transact(() => {
      const name = Buffer.from(key);
      const stored = this.#groups.get(name);
      const generation = (stored === undefined ? 0 : Buffer.from(stored).readUInt32LE()) + 1;
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(generation);
      this.#groups.putSync(name, bytes);
      return generation;
    });
  }

  close(): Promise<void> {
    return this.#environment.close();
  }

  #appendInside(
    { topic, partition, values }: Appending,
    heldFrom: HeldFrom,
  ): { name: string; first: bigint; extent: Extent } {
    const name = nameOf(topic, partition);
    const table = this.#table(topic, partition);
    const head = this.#head(name);
    let end = head.end;
    for (const value of values) {
      table.putSync(keyOf(end), withChecksum(value));
      end += 1n;
    }
    const held = heldFrom(topic, partition);
    const surplus = surplusOf({ start: head.start, end }, this.#environment.retainRecords, held);
    const count = Math.min(surplus, values.length + DELETED_PER_APPEND);
    for (let k = 0; k < count; k++) table.removeSync(keyOf(head.start + BigInt(k)));
    const start = head.start + BigInt(count);
    this.#heads.putSync(Buffer.from(name), encodeExtent({ start, end }));
    return { name, first: head.end, extent: { start, end } };
  }

  #head(name: string): Extent {
    const stored = this.#heads.get(Buffer.from(name));
    if (stored === undefined) return EMPTY;
    const bytes = Buffer.from(stored);
    return { start: bytes.readBigUInt64LE(0), end: bytes.readBigUInt64LE(8) };
  }

  #table(topic: Topic, partition: number): Table {
    return this.#records.get(nameOf(topic, partition)) as Table;
  }
}

function nameOf(topic: Topic, partition: number): string {
  return `${topic}/${partition}`;
}

/** Big-endian, so that the order of the bytes is the order of the offsets. */
function keyOf(offset: bigint): Buffer {
  const key = Buffer.allocUnsafe(8);
  key.writeBigUInt64BE(offset);
  return key;
}

function offsetOf(key: Uint8Array): bigint {
  return new DataView(key.buffer, key.byteOffset, key.byteLength).getBigUint64(0);
}

function encodeExtent({ start, end }: Extent): Buffer {
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeBigUInt64LE(start, 0);
  bytes.writeBigUInt64LE(end, 8);
  return bytes;
}

function truncated(
  topic: Topic,
  partition: number,
  from: bigint,
  start: bigint,
): LogTruncatedError {
  return new LogTruncatedError(
    `${topic}/${partition} must hold offset ${from}, began at ${start}`,
    { topic, partition, from, start },
  );
}

function gap(
  topic: Topic,
  partition: number,
  expected: bigint,
  found: bigint | null,
): CorruptBytesError {
  return new CorruptBytesError(
    `${topic}/${partition} must go on with offset ${expected}, was ${found ?? 'at its end'}`,
    { topic, partition, expected, found },
  );
}
