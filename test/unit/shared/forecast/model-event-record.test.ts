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
  eventTimeNs: '1700000000000000001',
};
const events: ModelEvent[] = [
  { event: 'boundary', id: 3, ranges: [{ partition: 0, from: '0', to: '99' }], seed: 5 },
  { event: 'switched', id: 3, sha: 'ab'.repeat(32), parentSha: 'cd'.repeat(32), report },
  {
    event: 'refused',
    id: 4,
    reason: 'TOO_FEW_TICKS',
    report: { ...report, lossBefore: Number.NaN, lossAfter: Number.NaN },
  },
];

test('every kind of event survives its bytes, an unmeasured loss included', () => {
  for (const event of events) expect(decodeModelEvent(encodeModelEvent(event))).toEqual(event);
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
  ]) {
    expect(() => decodeModelEvent(encodeVersionedJson(1, value))).toThrow(CorruptBytesError);
  }
});
