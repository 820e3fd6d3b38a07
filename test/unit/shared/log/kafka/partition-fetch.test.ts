import type { FetchedMessage } from 'kafkajs/src/broker/index.js';
import { describe, expect, test } from 'vitest';
import { denseRecords } from '#shared/log/kafka/partition-fetch.ts';

const at = { topic: 'a.ticks', partition: 3 };
const messages = (...offsets: readonly number[]): FetchedMessage[] =>
  offsets.map((offset) => ({ offset: `${offset}`, value: Buffer.of(offset) }));
const offsetsOf = (from: bigint, found: readonly FetchedMessage[]): readonly bigint[] =>
  denseRecords(at, from, found).map(({ offset }) => offset);

describe('what a fetch of Kafka gave', () => {
  test('begins at the offset asked for, though Kafka gives the whole batch around it', () => {
    expect(offsetsOf(7n, messages(5, 6, 7, 8))).toEqual([7n, 8n]);
    expect(offsetsOf(9n, messages(5, 6, 7, 8))).toEqual([]);
  });

  test.each([
    ['at its beginning', messages(8, 9), 8n, 7n],
    ['in the middle', messages(7, 8, 10), 10n, 9n],
    ['by a repeat', messages(7, 8, 8), 8n, 9n],
  ])('is refused where it is not dense %s', (_, found, foundAt, expected) => {
    expect(() => denseRecords(at, 7n, found)).toThrow(
      expect.objectContaining({ code: 'LOG_GAP', details: { ...at, expected, found: foundAt } }),
    );
  });

  test('is refused where a record is a tombstone or a mark of a transaction: we write neither', () => {
    const tombstone = [{ offset: '7', value: null }];
    const mark = [{ offset: '7', value: Buffer.of(1), isControlRecord: true }];
    const gap = expect.objectContaining({ code: 'LOG_GAP' });
    expect(() => denseRecords(at, 7n, tombstone)).toThrow(gap);
    expect(() => denseRecords(at, 7n, mark)).toThrow(gap);
  });
});
