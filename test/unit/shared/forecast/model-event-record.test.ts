import { expect, test } from 'vitest';
import { CorruptBytesError } from '#shared/errors.ts';
import type { ModelEvent } from '#shared/forecast/model-event.ts';
import { decodeModelEvent, encodeModelEvent } from '#shared/forecast/model-event-record.ts';
import { encodeVersionedJson } from '#shared/numeric/versioned-json.ts';

const report = {
  updates: 8,
  lossBefore: 0.31,
  lossAfter: 0.3,
  gradientNorm: 0.4,
  clippedUpdates: 1,
  skippedUpdates: 2,
  gradientReach: [
    { lagTicks: 8, ratio: 0.5 },
    { lagTicks: 63, ratio: Number.NaN },
  ],
  forgetTicks: { median: 3.5, largest: Number.NaN },
  eventTimeNs: '1700000000000000001',
};
const events: ModelEvent[] = [
  { event: 'boundary', id: 3, ranges: [{ partition: 0, from: '0', to: '99' }], seed: 5 },
  { event: 'switched', id: 3, sha: 'ab'.repeat(32), parentSha: 'cd'.repeat(32), report },
  {
    event: 'refused',
    id: 4,
    reason: 'TOO_FEW_TICKS',
    report: { ...report, lossBefore: Number.NaN, lossAfter: Number.NaN, forgetTicks: null },
  },
];

test('every kind of event survives its bytes, an unmeasured loss included', () => {
  for (const event of events) expect(decodeModelEvent(encodeModelEvent(event))).toEqual(event);
});

test('a training of 16 partitions is told of in less than 1.5 KB, as docs/operations.md says', () => {
  const ranges = Array.from({ length: 16 }, (_, partition) => ({
    partition,
    from: '123456789',
    to: '123459289',
  }));
  const sizes = [{ ...events[0], id: 50_000, ranges } as ModelEvent, events[1]].map(
    (event) => encodeModelEvent(event).length,
  );
  expect(sizes[0] + sizes[1]).toBeLessThan(1_500);
});

test('a record of version 1, which knew no reach, reads as one that measured none', () => {
  const { skippedUpdates, gradientReach, forgetTicks, ...first } = report;
  const refused = { event: 'refused', id: 4, reason: 'x', report: first };
  expect(decodeModelEvent(encodeVersionedJson(1, refused))).toEqual({
    ...refused,
    report: { ...first, skippedUpdates: 0, gradientReach: [], forgetTicks: null },
  });
  expect(decodeModelEvent(encodeVersionedJson(1, events[0]))).toEqual(events[0]);
  // Of version 2 they are missing.
  expect(() => decodeModelEvent(encodeVersionedJson(2, refused))).toThrow(CorruptBytesError);
  expect([skippedUpdates, gradientReach.length, forgetTicks.median]).toEqual([2, 2, 3.5]);
});

test('another version, an unknown kind and a field of the wrong type are corrupt', () => {
  const other = encodeModelEvent(events[0] as ModelEvent);
  other[0] = 9;
  expect(() => decodeModelEvent(other)).toThrow(CorruptBytesError);
  expect(() => decodeModelEvent(new Uint8Array(0))).toThrow(CorruptBytesError);
  for (const value of [
    null,
    [],
    { event: 'toString' },
    { event: 'boundary', id: '3', ranges: [], seed: 1 },
    { event: 'boundary', id: 3, ranges: [{ partition: 0, from: 0, to: 9 }], seed: 1 },
    { event: 'switched', id: 3, sha: 'short', parentSha: 'cd'.repeat(32), report },
    { event: 'refused', id: 3, reason: 'x', report: { ...report, updates: null } },
    { event: 'refused', id: 3, reason: 'x', report: { ...report, gradientReach: [{}] } },
    { event: 'refused', id: 3, reason: 'x', report: { ...report, forgetTicks: 3 } },
  ]) {
    expect(() => decodeModelEvent(encodeVersionedJson(2, value))).toThrow(CorruptBytesError);
  }
});
