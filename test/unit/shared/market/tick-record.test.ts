import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CorruptBytesError } from '#shared/errors.ts';
import type { Control } from '#shared/market/control.ts';
import { asSymbol } from '#shared/market/symbol.ts';
import type { Book, Tick } from '#shared/market/tick.ts';
import {
  decodeTickRecord,
  encodeControl,
  encodeTick,
  isControlRecord,
} from '#shared/market/tick-record.ts';
import { aBook, aQuote, aRow, aTrade } from '#test/builders/a-tick.ts';

const aNumber = fc.double({ noDefaultInfinity: true, noNaN: true });
const aName = fc.stringMatching(/^[A-Za-z0-9._:/-]{1,64}$/).map(asSymbol);
const anyBook: fc.Arbitrary<Book> = fc.record({
  bid: aNumber,
  bidSize: aNumber,
  ask: aNumber,
  askSize: aNumber,
});
const header = {
  symbol: aName,
  feedEpoch: fc.integer({ min: 0, max: 0xffffffff }),
  seq: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  eventTimeNs: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
};
const aCell = fc.oneof(aNumber, fc.constant(Number.NaN));
const anyTick: fc.Arbitrary<Tick> = fc.oneof(
  fc.record({
    kind: fc.constant('trade' as const),
    ...header,
    price: aNumber,
    size: aNumber,
    side: fc.constantFrom(-1 as const, 0 as const, 1 as const),
    book: fc.option(anyBook),
  }),
  fc.record({ kind: fc.constant('quote' as const), ...header, book: anyBook }),
  fc.record({
    kind: fc.constant('row' as const),
    ...header,
    values: fc.array(aCell, { maxLength: 40 }).map((cells) => Float64Array.from(cells)),
  }),
);

const SHA = 'ab'.repeat(32);
const range = { partition: 3, from: '0', to: '18446744073709551615' };
const controls: readonly Control[] = [
  { kind: 'begin' },
  {
    kind: 'begin',
    warmUpUntilNs: '-5',
    warmUpTicks: 100,
    groups: { fx: ['eur', 'usd'] },
    priceSteps: { 'venue:a': 0.01 },
  },
  { kind: 'train', id: 1, ranges: [range], seed: 7 },
  { kind: 'switch', id: 1, sha: SHA, how: 'refresh' },
  { kind: 'refuse', id: 2, reason: 'nothing was better — “λ”' },
];

test('any tick comes back as it was', () => {
  fc.assert(
    fc.property(anyTick, (tick) => {
      const bytes = encodeTick(tick);
      expect(isControlRecord(bytes)).toBe(false);
      expect(decodeTickRecord(bytes)).toEqual(tick);
    }),
  );
});

test('any truncation of a tick is corrupt, and so are bytes behind its end', () => {
  fc.assert(
    fc.property(anyTick, fc.nat(), (tick, cut) => {
      const bytes = encodeTick(tick);
      const cutShort = bytes.subarray(0, cut % bytes.length);
      expect(() => decodeTickRecord(cutShort)).toThrow(CorruptBytesError);
      const longer = Uint8Array.of(...bytes, 0);
      expect(() => decodeTickRecord(longer)).toThrow(CorruptBytesError);
    }),
  );
});

test('bytes with any one byte changed decode to a tick or are corrupt, never to another error', () => {
  fc.assert(
    fc.property(anyTick, fc.nat(), fc.integer({ min: 1, max: 255 }), (tick, where, flip) => {
      const bytes = encodeTick(tick);
      bytes[where % bytes.length] ^= flip;
      try {
        decodeTickRecord(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptBytesError);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('random bytes decode to a tick or are corrupt, never to another error', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 120 }),
      fc.integer({ min: 0, max: 5 }),
      (bytes, kind) => {
        for (const record of [bytes, Uint8Array.of(1, kind, 0, 0, ...bytes)]) {
          try {
            decodeTickRecord(record);
          } catch (error) {
            expect(error).toBeInstanceOf(CorruptBytesError);
          }
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test.each(controls)(
  'the control $kind comes back as it was, and cut short it is corrupt',
  (control) => {
    const bytes = encodeControl(control);
    expect(isControlRecord(bytes)).toBe(true);
    expect(decodeTickRecord(bytes)).toEqual(control);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeTickRecord(bytes.subarray(0, length))).toThrow(CorruptBytesError);
    }
  },
);

test.each<[string, unknown]>([
  ['of a kind that we do not know', { kind: 'promote', id: 1 }],
  ['of a kind that objects inherit', { kind: 'toString' }],
  ['that is no object', [1]],
  ['without its sha', { kind: 'switch', id: 1, how: 'refresh' }],
  ['with half a sha', { kind: 'switch', id: 1, sha: 'ab', how: 'refresh' }],
  ['with offsets as numbers', { kind: 'train', id: 1, seed: 1, ranges: [{ ...range, from: 0 }] }],
  ['with a group of numbers', { kind: 'begin', groups: { fx: [1] } }],
])('a control %s is corrupt', (_, payload) => {
  const bytes = encodeControl(payload as Control);
  expect(() => decodeTickRecord(bytes)).toThrow(CorruptBytesError);
});

test('a trade takes 42 bytes and its symbol, 32 more with a book; version and kind come first', () => {
  const bytes = encodeTick(aTrade({ symbol: 'venue:a' }));
  expect(bytes.length).toBe(42 + 7);
  expect([...bytes.subarray(0, 4)]).toEqual([1, 1, 2, 0]);
  expect(encodeTick(aTrade({ symbol: 'venue:a', book: aBook() })).length).toBe(74 + 7);
  expect(encodeTick(aTrade({ side: -1 }))[2]).toBe(4);
  expect([...encodeTick(aQuote()).subarray(0, 4)]).toEqual([1, 2, 1, 0]);
});

test('a missing cell of a row takes one bit', () => {
  const whole = encodeTick(aRow([1, 2, 3, 4, 5, 6, 7, 8, 9]));
  const holed = encodeTick(aRow([1, Number.NaN, 3, 4, 5, 6, 7, 8, Number.NaN]));
  expect(whole.length - holed.length).toBe(16);
  const bitmapAt = 26 + 'fx'.length + 2;
  expect([...holed.subarray(bitmapAt, bitmapAt + 2)]).toEqual([0b10, 0b1]);
});

test.each<[string, (bytes: Uint8Array) => void]>([
  ['another version', (bytes) => bytes.fill(2, 0, 1)],
  ['both sides taking', (bytes) => bytes.fill(7, 2, 3)],
  ['a flag that we do not know', (bytes) => bytes.fill(8, 2, 3)],
  ['a price that is no number', (bytes) => bytes.fill(0xff, 26 + 7, 26 + 15)],
  ['a symbol that is none', (bytes) => bytes.fill(0x20, 26, 27)],
])('a trade with %s is corrupt', (_, damage) => {
  const bytes = encodeTick(aTrade({ symbol: 'venue:a' }));
  damage(bytes);
  expect(() => decodeTickRecord(bytes)).toThrow(CorruptBytesError);
});
