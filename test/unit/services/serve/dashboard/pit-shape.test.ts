import { expect, test } from 'vitest';
import { verdictOf } from '#services/serve/dashboard/pit-shape.ts';

test('the shape of a PIT is named', () => {
  const flat = Array.from({ length: 20 }, () => 0.05);
  const bent = (shape: (k: number) => number) => {
    const shares = flat.map((share, k) => share * (1 + shape((k - 9.5) / 9.5)));
    const sum = shares.reduce((a, b) => a + b, 0);
    return shares.map((share) => share / sum);
  };
  expect(verdictOf(flat)).toBe('close to calibrated');
  expect(verdictOf(bent((x) => x * x))).toBe('intervals were too narrow');
  expect(verdictOf(bent((x) => 1 - x * x))).toBe('intervals were too wide');
  expect(verdictOf(bent((x) => 0.8 * x))).toBe('forecasts were too low');
  expect(verdictOf(bent((x) => -0.8 * x))).toBe('forecasts were too high');
});
