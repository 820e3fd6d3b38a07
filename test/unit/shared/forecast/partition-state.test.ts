import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CorruptBytesError } from '#shared/errors.ts';
import {
  decodePartitionState,
  encodePartitionState,
  type PartitionState,
} from '#shared/forecast/partition-state.ts';

const state: fc.Arbitrary<PartitionState> = fc.record({
  prevSrc: fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }),
  modelSha: fc.constantFrom('ab'.repeat(32), '09'.repeat(32)),
  lastBoundary: fc.nat(),
  begin: fc.constantFrom(
    null,
    { kind: 'begin' as const },
    { kind: 'begin' as const, warmUpTicks: 200, priceSteps: { 'venue:a': 0.01 } },
    {
      kind: 'begin' as const,
      warmUpUntilNs: '1723075200000000000',
      groups: { fx: ['eur', 'usd'] },
    },
  ),
});

test('the state of a partition survives its bytes', () => {
  fc.assert(
    fc.property(state, (some) => {
      expect(decodePartitionState(encodePartitionState(some))).toEqual(some);
    }),
  );
});

test('a state cut short anywhere is corrupt', () => {
  fc.assert(
    fc.property(state, fc.nat(), (some, where) => {
      const bytes = encodePartitionState(some);
      const short = bytes.subarray(0, where % bytes.length);
      expect(() => decodePartitionState(short)).toThrow(CorruptBytesError);
    }),
  );
});

// The store guards the bytes with a checksum; what is promised here is that nothing else is ever thrown.
test('a state with a flipped bit is corrupt or another well-formed state, and nothing else is thrown', () => {
  let corruptCount = 0;
  fc.assert(
    fc.property(state, fc.nat(), fc.nat({ max: 7 }), (some, where, bit) => {
      const bytes = encodePartitionState(some);
      bytes[where % bytes.length] ^= 1 << bit;
      try {
        const read = decodePartitionState(bytes);
        expect(typeof read.prevSrc).toBe('bigint');
        expect(read.modelSha).toMatch(/^[0-9a-f]{64}$/);
        expect(Number.isSafeInteger(read.lastBoundary)).toBe(true);
      } catch (error) {
        if (!(error instanceof CorruptBytesError)) throw error;
        corruptCount += 1;
      }
    }),
    { numRuns: 500 },
  );
  expect(corruptCount).toBeGreaterThan(100);
});

test('a state of null is corrupt', () => {
  const [version] = encodePartitionState({
    prevSrc: -1n,
    modelSha: '',
    lastBoundary: 0,
    begin: null,
  });
  const bytes = Uint8Array.of(version, ...new TextEncoder().encode('null'));
  expect(() => decodePartitionState(bytes)).toThrow(CorruptBytesError);
});
