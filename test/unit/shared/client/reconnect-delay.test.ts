import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reconnectDelayMs } from '#shared/client/reconnect-delay.ts';

const at = (attempt: number, random: number) =>
  reconnectDelayMs(attempt, { baseMs: 500, capMs: 20_000, random: () => random });

test('the bound doubles with every attempt until the cap', () => {
  expect([0, 1, 2, 3].map((attempt) => at(attempt, 0.5))).toEqual([250, 500, 1_000, 2_000]);
  expect(at(1_000, 0.5)).toBe(10_000);
});

test('the delay is spread over the whole of its bound', () => {
  expect(at(3, 0)).toBe(0);
  expect(at(3, 0.999)).toBeCloseTo(3_996);
});

test('no attempt waits longer than the cap', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 0.999999, noNaN: true }), (attempt, random) => {
      const delayMs = at(attempt, random);
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThan(20_000);
    }),
  );
});
