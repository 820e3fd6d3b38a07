import { expect, test } from 'vitest';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';

// Python 3.11, statistics.NormalDist().inv_cdf
const KNOWN: readonly (readonly [number, number])[] = [
  [0.025, -1.9599639845400538],
  [0.05, -1.6448536269514726],
  [0.3, -0.5244005127080407],
  [0.5, 0],
  [0.975, 1.9599639845400536],
  [1e-10, -6.361340902404056],
  [1e-300, -37.0470962993612],
];

test('quantiles agree with an independent implementation to 1e-14', () => {
  for (const [level, expected] of KNOWN) {
    expect(Math.abs(normalQuantile(level) - expected)).toBeLessThanOrEqual(
      Math.abs(expected) * 1e-14,
    );
  }
});

test('the ends are infinite and outside there is none', () => {
  expect(normalQuantile(0)).toBe(-Infinity);
  expect(normalQuantile(1)).toBe(Infinity);
  for (const level of [-0.1, 1.1, Number.NaN]) expect(normalQuantile(level)).toBeNaN();
});

test('quantiles rise with the level across the seams', () => {
  let last = -Infinity;
  for (let k = 1; k < 100_000; k++) {
    const value = normalQuantile(k / 100_000);
    expect(value > last).toBe(true);
    last = value;
  }
});
