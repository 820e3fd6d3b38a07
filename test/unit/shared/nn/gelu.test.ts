import { expect, test } from 'vitest';
import { drawDropout } from '#shared/nn/dropout.ts';
import { geluBackward, geluForward } from '#shared/nn/gelu.ts';
import { Random } from '#shared/nn/random.ts';

const gelu = (x: number): number => {
  const out = new Float64Array(1);
  geluForward(1, Float64Array.of(x), out);
  return out[0] as number;
};

test('the tanh form is within 5e-4 of x Phi(x)', () => {
  // x Phi(x), Python 3.11, statistics.NormalDist().cdf
  const known = [
    [-3, -0.00404969409489031],
    [-1, -0.15865525393145707],
    [0, 0],
    [0.5, 0.34573123063700656],
    [2, 1.9544997361036416],
  ] as const;
  for (const [x, y] of known) expect(Math.abs(gelu(x) - y)).toBeLessThan(5e-4);
  const u = Math.sqrt(2 / Math.PI) * (0.7 + 0.044715 * 0.7 ** 3);
  expect(gelu(0.7)).toBeCloseTo(0.35 * (1 + Math.tanh(u)), 14);
});

test('its gradient agrees with central differences', () => {
  for (let x = -6; x < 6; x += 0.37) {
    const gradient = Float64Array.of(2);
    geluBackward(1, Float64Array.of(x), gradient);
    expect(gradient[0]).toBeCloseTo((gelu(x + 1e-5) - gelu(x - 1e-5)) / 1e-5, 8);
  }
});

test('dropout drops its share, keeps the mean and repeats by seed', () => {
  const factors = new Float64Array(100_000);
  drawDropout(new Random(1), 0.4, factors.length, factors);
  const mean = factors.reduce((sum, f) => sum + f, 0) / factors.length;
  expect(Math.abs(mean - 1)).toBeLessThan(0.01);
  expect(new Set(factors)).toEqual(new Set([0, 1 / 0.6]));
  const again = new Float64Array(100_000);
  drawDropout(new Random(1), 0.4, again.length, again);
  expect(again).toEqual(factors);
});
