import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CorruptBytesError } from '#shared/errors.ts';
import type { HorizonScore, ScoreRecord } from '#shared/forecast/score.ts';
import { decodeScore, encodeScore } from '#shared/forecast/score-record.ts';
import { asSymbol } from '#shared/market/symbol.ts';

const sum = fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => value + 0);
const count = fc.nat({ max: 50 });
const horizon: fc.Arbitrary<HorizonScore> = fc.record({
  horizonTicks: fc.integer({ min: 1, max: 1000 }),
  count,
  crps: sum,
  crpsLastValue: sum,
  crpsEwmaGaussian: sum,
  absoluteError: sum,
  absoluteErrorLastValue: sum,
  inside: fc.tuple(count, count, count),
  pit: fc.array(count, { minLength: 20, maxLength: 20 }),
});
const score: fc.Arbitrary<ScoreRecord> = fc.record({
  symbol: fc.stringMatching(/^[A-Za-z0-9._:/-]{1,64}$/).map(asSymbol),
  partition: fc.nat({ max: 63 }),
  src: fc.bigInt({ min: 0n, max: 2n ** 63n }),
  eventTimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  horizons: fc.array(horizon, { maxLength: 3 }),
});

test('a score survives its bytes', () => {
  fc.assert(
    fc.property(score, (some) => {
      expect(decodeScore(encodeScore(some))).toEqual(some);
    }),
  );
});

test('a score cut short anywhere is corrupt', () => {
  fc.assert(
    fc.property(score, fc.nat(), (some, where) => {
      const bytes = encodeScore(some);
      expect(() => decodeScore(bytes.subarray(0, where % bytes.length))).toThrow(CorruptBytesError);
    }),
  );
});

// The record has no checksum: one digit for another stays a score. What is promised is that nothing else ever comes out.
test('a score with a flipped bit is corrupt or another well-formed score, and nothing else is thrown', () => {
  let corruptCount = 0;
  fc.assert(
    fc.property(score, fc.nat(), fc.nat({ max: 7 }), (some, where, bit) => {
      const bytes = encodeScore(some);
      bytes[where % bytes.length] ^= 1 << bit;
      try {
        const read = decodeScore(bytes);
        expect(typeof read.src).toBe('bigint');
        expect(asSymbol(read.symbol)).toBe(read.symbol);
        for (const { pit, inside } of read.horizons) {
          expect([pit.length, inside.length]).toEqual([20, 3]);
        }
      } catch (error) {
        if (!(error instanceof CorruptBytesError)) throw error;
        corruptCount += 1;
      }
    }),
    { numRuns: 500 },
  );
  expect(corruptCount).toBeGreaterThan(100);
});

test.each([
  ['null', null],
  ['a list', []],
  ['a symbol of blanks', { symbol: 'a b' }],
  ['a missing sum', { horizons: [{ horizonTicks: 1, count: 1 }] }],
])('JSON that is %s is corrupt', (_, over) => {
  const bytes = encodeScore({
    symbol: asSymbol('venue:a'),
    partition: 0,
    src: 1n,
    eventTimeNs: 2n,
    horizons: [],
  });
  const json = JSON.parse(new TextDecoder().decode(bytes.subarray(1))) as object;
  const isPart = over !== null && !Array.isArray(over);
  const text = JSON.stringify(isPart ? { ...json, ...over } : over);
  expect(() => decodeScore(Uint8Array.of(bytes[0], ...new TextEncoder().encode(text)))).toThrow(
    CorruptBytesError,
  );
});
