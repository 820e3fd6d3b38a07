import { constants, gunzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { crc32c } from '#shared/numeric/crc32.ts';
import type { LogRecord } from '../event-log.ts';
import { LogGapError, LogMismatchError } from '../log-errors.ts';

export interface PartitionName {
  /** As Kafka names it. */
  readonly topic: string;
  readonly partition: number;
}

/** Who writes a batch, so that the broker knows a repeat of it. */
export interface BatchOrigin {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly nowMs: number;
}

/**
 * A record batch (KIP-98), big-endian: base offset i64 | length i32 of what follows | leader epoch i32 | version i8 | crc32c u32 of what
 * follows | attributes i16 | last offset delta i32 | first and last timestamp i64 | producer id i64, epoch i16, first sequence i32 |
 * records i32 x record, these compressed as a whole. Record: length, attributes i8, timestamp delta, offset delta, key, value, headers;
 * lengths and deltas are zigzag varints, a length of -1 is null.
 */
const LENGTH_AT = 8;
const AFTER_LENGTH = 12;
const VERSION_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const LAST_DELTA_AT = 23;
const FIRST_TIME_AT = 27;
const LAST_TIME_AT = 35;
const PRODUCER_AT = 43;
const EPOCH_AT = 51;
const SEQUENCE_AT = 53;
const COUNT_AT = 57;
const RECORDS_AT = 61;
const VERSION = 2;
const ZSTD = 4;
const CODEC_MASK = 7;
const CONTROL = 0x20;

/** Forecasts become no smaller at zstd's own level, 3, and take twice the processor time (docs/decisions/0019). */
const FASTEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** In this thread: handing over to another and back takes as much processor time again (docs/decisions/0033). */
const UNPACK: Readonly<Record<number, (bytes: Uint8Array) => Uint8Array>> = {
  0: (bytes) => bytes,
  1: (bytes) => ofOwnSize(gunzipSync(bytes)),
  [ZSTD]: (bytes) => ofOwnSize(zstdDecompressSync(bytes)),
};

/** Values without keys as one batch. @param values at least one */
export function encodeRecordBatch(values: readonly Uint8Array[], origin: BatchOrigin): Uint8Array {
  const packed = zstdCompressSync(packedRecords(values), FASTEST);
  const batch = new Uint8Array(RECORDS_AT + packed.length);
  const view = new DataView(batch.buffer);
  view.setInt32(LENGTH_AT, batch.length - AFTER_LENGTH);
  view.setInt8(VERSION_AT, VERSION);
  view.setInt16(ATTRIBUTES_AT, ZSTD);
  view.setInt32(LAST_DELTA_AT, values.length - 1);
  view.setBigInt64(FIRST_TIME_AT, BigInt(origin.nowMs));
  view.setBigInt64(LAST_TIME_AT, BigInt(origin.nowMs));
  view.setBigInt64(PRODUCER_AT, origin.producerId);
  view.setInt16(EPOCH_AT, origin.producerEpoch);
  view.setInt32(SEQUENCE_AT, origin.firstSequence);
  view.setInt32(COUNT_AT, values.length);
  batch.set(packed, RECORDS_AT);
  view.setUint32(CRC_AT, crc32c(batch.subarray(ATTRIBUTES_AT)));
  return batch;
}

/**
 * The records from `from` on in the batches that a fetch gave, the last of which may be cut off. Their offsets are checked: Kafka gives
 * whole batches, hence records before `from` too, and one that is missing must not pass.
 *
 * @throws LogGapError `LOG_GAP`; LogMismatchError `LOG_MISMATCH` for batches of another version or compression
 */
export function decodeRecordBatches(
  at: PartitionName,
  from: bigint,
  batches: Uint8Array,
): LogRecord[] {
  const view = new DataView(batches.buffer, batches.byteOffset, batches.byteLength);
  const records: LogRecord[] = [];
  let end = 0;
  for (let start = 0; start + RECORDS_AT <= batches.length; start = end) {
    end = start + AFTER_LENGTH + view.getInt32(start + LENGTH_AT);
    if (end > batches.length) break;
    if (view.getInt8(start + VERSION_AT) !== VERSION) throw unreadable(at, view, start);
    const last = view.getBigInt64(start) + BigInt(view.getInt32(start + LAST_DELTA_AT));
    if (last < from) continue;
    takeBatch({ ...at, from, records }, batches.subarray(start, end));
  }
  return records;
}

interface Taking extends PartitionName {
  readonly from: bigint;
  readonly records: LogRecord[];
}

function takeBatch(taking: Taking, batch: Uint8Array): void {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  const attributes = view.getInt16(ATTRIBUTES_AT);
  const unpack = UNPACK[attributes & CODEC_MASK];
  if (unpack === undefined) throw unreadable(taking, view, 0);
  const base = view.getBigInt64(0);
  const bytes = unpack(batch.subarray(RECORDS_AT));
  const reader = new VarintReader(bytes);
  const { records, from } = taking;
  let expected = Number(from - base) + records.length;
  for (let left = view.getInt32(COUNT_AT); left > 0; left -= 1) {
    const end = reader.varint() + reader.at;
    reader.at += 1;
    reader.skip();
    const delta = reader.varint();
    if (delta >= expected || records.length > 0) {
      const keyLength = reader.varint();
      reader.at += Math.max(0, keyLength);
      const length = reader.varint();
      const isOurs = length >= 0 && (attributes & CONTROL) === 0;
      const offset = base + BigInt(delta);
      if (delta !== expected || !isOurs) {
        throw gap(taking, { expected: base + BigInt(expected), offset, isNull: length < 0 });
      }
      const value = new Uint8Array(bytes.buffer, bytes.byteOffset + reader.at, length);
      records.push({ offset, value });
      expected += 1;
    }
    reader.at = end;
  }
}

/** Zigzag varints of up to 32 bits. */
class VarintReader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.at];
      this.at += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
  }

  /** Passes over one, of whatever length. */
  skip(): void {
    while (this.#bytes[this.at] >= 0x80) this.at += 1;
    this.at += 1;
  }
}

function packedRecords(values: readonly Uint8Array[]): Uint8Array {
  // Attributes, timestamp delta, key and headers take a byte each; the lengths and the offset delta five at most.
  const most = values.reduce((sum, value) => sum + value.length + 4 + 15, 0);
  const bytes = new Uint8Array(most);
  let at = 0;
  for (let k = 0; k < values.length; k += 1) {
    const value = values[k];
    const size = 4 + varintSize(k) + varintSize(value.length) + value.length;
    at = writeVarint(bytes, at, size);
    at += 2;
    at = writeVarint(bytes, at, k);
    bytes[at] = 1;
    at = writeVarint(bytes, at + 1, value.length);
    bytes.set(value, at);
    at += value.length + 1;
  }
  return bytes.subarray(0, at);
}

/** @param value not negative; at most 2^30 */
function varintSize(value: number): number {
  let size = 1;
  for (let left = value >>> 6; left > 0; left >>>= 7) size += 1;
  return size;
}

/** @returns where the next field goes */
function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let next = at;
  let left = value * 2;
  for (; left >= 0x80; left >>>= 7) {
    bytes[next] = (left & 0x7f) | 0x80;
    next += 1;
  }
  bytes[next] = left;
  return next + 1;
}

/** zlib's memory lies in blocks of many KiB, which every record that is kept, and every fetch that waits, would hold. */
function ofOwnSize(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

function gap(
  { topic, partition }: PartitionName,
  found: { readonly expected: bigint; readonly offset: bigint; readonly isNull: boolean },
): LogGapError {
  const { expected, offset, isNull } = found;
  return new LogGapError(
    `${topic}/${partition} must go on with a record at ${expected}, had ${isNull ? 'an empty one' : 'a record'} at ${offset}`,
    { topic, partition, expected, found: offset },
  );
}

function unreadable({ topic, partition }: PartitionName, view: DataView, at: number): Error {
  const version = view.getInt8(at + VERSION_AT);
  const codec = view.getInt16(at + ATTRIBUTES_AT) & CODEC_MASK;
  const first = view.getBigInt64(at);
  return new LogMismatchError(
    `batches of ${topic}/${partition} must be of version ${VERSION}, plain or packed by zstd or gzip, the one at ${first} was of version ${version}, codec ${codec}`,
    { topic, partition, version, codec },
  );
}
