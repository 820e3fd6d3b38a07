import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventTimeFrom } from '#shared/market/parse-event-time.ts';

test('nanoseconds come as text, bigint or whole number', () => {
  expect(eventTimeFrom('1723161254087891268', 'ns')).toBe(1723161254087891268n);
  expect(eventTimeFrom(-5n, 'ns')).toBe(-5n);
  expect(eventTimeFrom(42, 'ns')).toBe(42n);
});

test('milliseconds may have a fraction', () => {
  expect(eventTimeFrom('1723161255342', 'ms')).toBe(1723161255342000000n);
  expect(eventTimeFrom(1723161255342.5, 'ms')).toBe(1723161255342500000n);
  expect(eventTimeFrom('-1.25', 'ms')).toBe(-1250000n);
});

test('an index counts steps of the interval from 0', () => {
  expect(eventTimeFrom('0', { intervalNs: 1_000_000_000n })).toBe(0n);
  expect(eventTimeFrom('7587', { intervalNs: 86_400_000_000_000n })).toBe(
    7587n * 86_400_000_000_000n,
  );
});

test.each([
  ['1970-01-01', 0n],
  ['2016-07-01 00:15:00', 1467332100000000000n],
  ['2015-02-26T21:42', 1424986920000000000n],
  ['2000-02-29 12:00:00.5Z', 951825600500000000n],
  ['2024-03-10 01:30:00+02:00', 1710027000000000000n],
  ['2024-03-10 01:30:00-0530', 1710054000000000000n],
  ['1969-12-31 23:59:59.999999999', -1n],
])('%s is %s ns, UTC where no zone is given', (text, expected) => {
  expect(eventTimeFrom(text, 'date')).toBe(expected);
});

test('dates agree with the calendar of the engine over four centuries', () => {
  const within = { min: new Date('1700-01-01'), max: new Date('2260-01-01'), noInvalidDate: true };
  fc.assert(
    fc.property(fc.date(within), (date) => {
      expect(eventTimeFrom(date.toISOString(), 'date')).toBe(BigInt(date.getTime()) * 1_000_000n);
    }),
  );
});

test.each([
  ['2023-02-29', 'date'],
  ['2016-13-01', 'date'],
  ['2016-00-10', 'date'],
  ['2016-04-31 00:00:00', 'date'],
  ['2016-01-01 24:00:00', 'date'],
  ['2016-01-01 10:60', 'date'],
  ['01/02/2016', 'date'],
  ['2016-01-01 00:00:00+19:00', 'date'],
  [1467332100, 'date'],
  ['', 'ns'],
  ['0x10', 'ns'],
  ['1e18', 'ns'],
  [1.5, 'ns'],
  [2 ** 60, 'ns'],
  ['', 'ms'],
  [Number.NaN, 'ms'],
] as const)('%j is no time of format %s', (raw, format) => {
  expect(() => eventTimeFrom(raw, format)).toThrow(/must be .+, was /);
});

test('a time that int64 cannot hold is refused', () => {
  expect(() => eventTimeFrom('2300-01-01', 'date')).toThrow(
    'time must lie within 1677 and 2262, was "2300-01-01"',
  );
});
