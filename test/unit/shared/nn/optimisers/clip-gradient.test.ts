import { expect, test } from 'vitest';
import { clipGradient, norm } from '#shared/nn/optimisers/clip-gradient.ts';
import { updateWeightEma } from '#shared/nn/optimisers/weight-ema.ts';

test('a long gradient keeps its direction and gets the largest norm; a short one stays', () => {
  const long = Float64Array.of(3, 4);
  expect(clipGradient(long, 1)).toBe(5);
  expect(norm(long)).toBeCloseTo(1, 14);
  expect((long[0] as number) / (long[1] as number)).toBeCloseTo(0.75, 14);
  const short = Float64Array.of(0.3, 0.4);
  expect(clipGradient(short, 1)).toBe(0.5);
  expect([...short]).toEqual([0.3, 0.4]);
});

test('a gradient that is not finite says so and is left as it is', () => {
  const broken = Float64Array.of(1, Number.NaN);
  expect(clipGradient(broken, 1)).toBeNaN();
  expect([...broken]).toEqual([1, Number.NaN]);
  expect(clipGradient(Float64Array.of(Infinity, 1), 1)).toBe(Infinity);
});

test('the mean of the weights moves by 1 - decay of the distance', () => {
  const mean = Float64Array.of(0, 10);
  updateWeightEma(mean, Float64Array.of(1, 0), 0.98);
  expect(mean[0]).toBeCloseTo(0.02, 15);
  expect(mean[1]).toBeCloseTo(9.8, 15);
});
