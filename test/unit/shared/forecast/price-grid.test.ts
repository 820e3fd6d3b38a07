import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { snapToGrid } from '#shared/forecast/price-grid.ts';

describe('offsets on the grid of prices', () => {
  test('name prices that are whole steps from the origin', () => {
    const offsets = Float32Array.of(-26, -24, -0.4, 0, 0.4, 9);
    snapToGrid(offsets, 0, 6, { price: 100, step: 0.05 });
    const steps = Array.from(offsets, (offset) => (100 * Math.expm1(offset / 1e4)) / 0.05);
    [-5, -5, 0, 0, 0, 2].forEach((expected, l) => {
      expect(steps[l]).toBeCloseTo(expected, 3);
    });
  });

  test('are zero where the price is not expected to move, whatever the sign', () => {
    const offsets = Float32Array.of(-0.1, -0, 0.1);
    snapToGrid(offsets, 0, 3, { price: 100, step: 1 });
    expect(Array.from(offsets)).toEqual([0, 0, 0]);
  });

  test('are left alone outside the range', () => {
    const offsets = Float32Array.of(1, 1, 1);
    snapToGrid(offsets, 1, 1, { price: 100, step: 1 });
    expect(Array.from(offsets)).toEqual([1, 0, 1]);
  });

  test('stay in order and finite, and name a price of one step at least', () => {
    const rising = fc
      .array(fc.float({ min: -30_000, max: 30_000, noNaN: true }), { minLength: 1, maxLength: 21 })
      .map((values) => Float32Array.from(values).sort());
    const price = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    const share = fc.double({ min: 1e-6, max: 3, noNaN: true });
    fc.assert(
      fc.property(rising, price, share, (offsets, at, part) => {
        snapToGrid(offsets, 0, offsets.length, { price: at, step: part * at });
        expect(offsets.every(Number.isFinite)).toBe(true);
        expect(offsets).toEqual(offsets.slice().sort());
        for (const offset of offsets) expect(Math.exp(offset / 1e4)).toBeGreaterThan(0);
      }),
    );
  });
});
