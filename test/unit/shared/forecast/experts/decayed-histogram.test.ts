import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addToHistogram,
  HISTOGRAM_SLOTS,
  histogramQuantiles,
} from '#shared/forecast/experts/decayed-histogram.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { Random } from '#shared/nn/random.ts';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';

function quantilesOf(values: Iterable<number>, growth = 1): Float64Array {
  const state = new Float64Array(HISTOGRAM_SLOTS);
  for (const value of values) addToHistogram(state, 0, value, growth);
  const into = new Float64Array(TICK_LEVELS.length);
  expect(histogramQuantiles(state, 0, TICK_LEVELS, into, 0)).toBe(true);
  return into;
}

test('quantiles of many Gaussian numbers are those of the Gaussian, within the width of a cell', () => {
  const random = new Random(5);
  const found = quantilesOf(Array.from({ length: 50_000 }, () => random.normal()));
  TICK_LEVELS.forEach((level, l) => {
    expect(Math.abs(found[l] - normalQuantile(level))).toBeLessThan(0.03);
  });
});

test('a point mass at zero stays a point mass', () => {
  const found = quantilesOf(Array.from({ length: 1000 }, (_, k) => (k % 5 === 0 ? 1 : 0)));
  expect(Array.from(found.slice(0, 16))).toEqual(new Array(16).fill(0));
  expect(found[20]).toBeGreaterThan(0.99);
});

test('quantiles rise, are finite and lie where the numbers do, whatever they are', () => {
  const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });
  fc.assert(
    fc.property(numbers, fc.double({ min: 1, max: 2, noNaN: true }), (values, growth) => {
      const found = quantilesOf(values, growth);
      const inside = values.map((value) => Math.max(-16, Math.min(16, value)));
      expect(found.every(Number.isFinite)).toBe(true);
      expect(Array.from(found)).toEqual(Array.from(found).sort((a, b) => a - b));
      expect(found[20]).toBeLessThanOrEqual(Math.max(...inside.map(outwards), 0));
      expect(found[0]).toBeGreaterThanOrEqual(-Math.max(...inside.map((v) => outwards(-v)), 0));
    }),
  );
});

/** The far edge of the cell: an eighth of the value further out at most. */
function outwards(value: number): number {
  return value < 1 / 64 ? Math.max(value, 0) : (9 / 8) * value;
}

test('what came before fades by half with every half-life, and weights stay finite for ever', () => {
  const growth = 2 ** (1 / 100);
  const values = [...new Array<number>(50_000).fill(2), ...new Array<number>(100).fill(-2)];
  // After one half-life the new numbers hold half of the weight.
  const found = quantilesOf(values, growth);
  expect(found[9]).toBeLessThan(0);
  expect(found[11]).toBeGreaterThan(0);
});

test('an empty histogram has no quantiles', () => {
  const into = new Float64Array(21).fill(7);
  expect(histogramQuantiles(new Float64Array(HISTOGRAM_SLOTS), 0, TICK_LEVELS, into, 0)).toBe(
    false,
  );
  expect(into.every((slot) => slot === 7)).toBe(true);
});
