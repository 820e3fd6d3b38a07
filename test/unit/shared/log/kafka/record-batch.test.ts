import { createRequire } from 'node:module';
import { gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogRecord } from '#shared/log/event-log.ts';
import { decodeRecordBatches, encodeRecordBatch } from '#shared/log/kafka/record-batch.ts';

const at = { topic: 'a.ticks', partition: 3 };
const origin = { producerId: 7n, producerEpoch: 1, firstSequence: 42, nowMs: 1_700_000_000_000 };

/** kafkajs' own codec: what it writes we must read, and the other way round. */
const require = createRequire(import.meta.url);
const theirs = require('kafkajs/src/protocol/recordBatch/v0/index.js') as {
  RecordBatch(batch: object): Promise<{ buffer: Buffer }>;
};
const theirRecord = require('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (
  record: object,
) => unknown;
const theirDecode = require('kafkajs/src/protocol/recordBatch/v0/decoder.js') as (
  decoder: unknown,
) => Promise<Record<string, unknown> & { records: { offset: string; value: Buffer }[] }>;
const TheirDecoder = require('kafkajs/src/protocol/decoder.js') as new (bytes: Buffer) => unknown;
const { CompressionCodecs } = require('kafkajs') as {
  CompressionCodecs: Record<number, unknown>;
};

/** A batch of one-byte values whose offsets are these. */
const batchAt = async (offsets: readonly number[], record: object = {}): Promise<Uint8Array> => {
  const [firstOffset] = offsets;
  const records = offsets.map((offset) =>
    theirRecord({ offsetDelta: offset - firstOffset, value: Buffer.of(offset), ...record }),
  );
  const lastOffsetDelta = (offsets.at(-1) ?? 0) - firstOffset;
  return (await theirs.RecordBatch({ firstOffset, lastOffsetDelta, records })).buffer;
};
const read = (from: bigint, ...batches: readonly Uint8Array[]): LogRecord[] =>
  decodeRecordBatches(at, from, Buffer.concat(batches));
const offsetsOf = (from: bigint, ...batches: readonly Uint8Array[]): readonly bigint[] =>
  read(from, ...batches).map(({ offset }) => offset);
const gap = expect.objectContaining({ code: 'LOG_GAP' });

describe('what a fetch of Kafka gave', () => {
  test('begins at the offset asked for, though Kafka gives the whole batch around it', async () => {
    expect(offsetsOf(7n, await batchAt([5, 6, 7, 8]))).toEqual([7n, 8n]);
    expect(offsetsOf(9n, await batchAt([5, 6, 7, 8]))).toEqual([]);
    const three = [await batchAt([3, 4]), await batchAt([5, 6]), await batchAt([7])];
    expect(offsetsOf(6n, ...three)).toEqual([6n, 7n]);
  });

  test('is read up to where the answer cuts a batch off', async () => {
    const [first, second] = [await batchAt([5, 6]), await batchAt([7, 8])];
    for (const kept of [0, 1, 40, second.length - 1]) {
      expect(offsetsOf(5n, first, second.subarray(0, kept))).toEqual([5n, 6n]);
    }
  });

  test.each([
    ['at its beginning', [[8, 9]], 8n, 7n],
    ['inside a batch', [[7, 8, 10]], 10n, 9n],
    ['between batches', [[7, 8], [10]], 10n, 9n],
    ['by a repeat', [[7, 8], [8]], 8n, 9n],
  ])('is refused where it is not dense %s', async (_, offsets, found, expected) => {
    const batches = await Promise.all(offsets.map((those) => batchAt(those)));
    expect(() => read(7n, ...batches)).toThrow(
      expect.objectContaining({ code: 'LOG_GAP', details: { ...at, expected, found } }),
    );
  });

  test('is refused where a record is a tombstone or a mark of a transaction: we write neither', async () => {
    const tombstone = await batchAt([7], { value: null });
    expect(() => read(7n, tombstone)).toThrow(gap);
    const mark = await batchAt([7]);
    mark[22] |= 0x20;
    expect(() => read(7n, mark)).toThrow(gap);
  });

  test('is refused where a batch is of a version or a compression that is not ours to read', async () => {
    const [older, snappy] = [await batchAt([7]), await batchAt([7])];
    older[16] = 1;
    snappy[22] = 2;
    const mismatch = { code: 'LOG_MISMATCH' };
    expect(() => read(7n, older)).toThrow(
      expect.objectContaining({ ...mismatch, details: { ...at, version: 1, codec: 0 } }),
    );
    expect(() => read(7n, snappy)).toThrow(
      expect.objectContaining({ ...mismatch, details: { ...at, version: 2, codec: 2 } }),
    );
  });

  test('is read with keys, headers and times that others write, plain or packed', async () => {
    const record = { key: Buffer.from('key'), timestampDelta: 300_000, headers: { a: 'b' } };
    const plain = await batchAt([7, 8], record);
    const packedBy = (codec: number, pack: (bytes: Uint8Array) => Uint8Array): Uint8Array => {
      const whole = Buffer.concat([plain.subarray(0, 61), pack(plain.subarray(61))]);
      whole.writeInt32BE(whole.length - 12, 8);
      whole[22] |= codec;
      return whole;
    };
    for (const batch of [plain, packedBy(1, gzipSync), packedBy(4, zstdCompressSync)]) {
      const values = read(7n, batch).map(({ value }) => [...value]);
      expect(values).toEqual([[7], [8]]);
    }
  });

  test('holds no more memory than it takes: records of it may be kept for long', () => {
    const [{ value }] = read(0n, encodeRecordBatch([new Uint8Array(300)], origin));
    expect(value.buffer.byteLength).toBeLessThan(320);
  });
});

describe('a batch of ours', () => {
  test('gives back what it was given', () => {
    const values = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, (some) => {
        const found = read(0n, encodeRecordBatch(some, origin));
        expect(found).toEqual(some.map((value, k) => ({ offset: BigInt(k), value })));
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    [1, 63],
    [2, 64],
    [64, 8191],
    [65, 8192],
    [8193, 1],
  ])('may have %i records of %i bytes', (count, length) => {
    const values = Array.from({ length: count }, (_, k) => new Uint8Array(length).fill(k));
    const found = read(0n, encodeRecordBatch(values, origin));
    expect(found.map(({ value }) => value)).toEqual(values);
    expect(found.at(-1)?.offset).toBe(BigInt(count - 1));
  });

  test("is what kafkajs' decoder reads, its origin too", async () => {
    CompressionCodecs[4] = () => ({
      decompress: async (bytes: Buffer) => zstdDecompressSync(bytes),
    });
    const values = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(200, 'three')];
    const batch = Buffer.from(encodeRecordBatch(values, origin));
    const { records, ...found } = await theirDecode(new TheirDecoder(batch));
    expect(records.map(({ value }) => value)).toEqual(values);
    expect(records.map(({ offset }) => offset)).toEqual(['0', '1', '2']);
    expect(found).toMatchObject({
      producerId: '7',
      producerEpoch: 1,
      firstSequence: 42,
      lastOffsetDelta: 2,
      firstTimestamp: '1700000000000',
      maxTimestamp: '1700000000000',
    });
  });
});
