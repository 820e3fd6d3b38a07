import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  clipGradient,
  clipValues,
  GradientClip,
  norm,
} from '#shared/nn/optimisers/clip-gradient.ts';
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

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../golden/optimisers.json'), 'utf8'),
) as { gradients: number[][]; norm: number[]; value: number[] };

test("clipping by norm and by value is PyTorch's: test/golden/optimisers.py", () => {
  const byNorm = Float64Array.from(golden.gradients[1]);
  clipGradient(byNorm, 0.25);
  // PyTorch adds 1e-6 to the norm it divides by.
  for (const [k, g] of byNorm.entries()) expect(g).toBeCloseTo(golden.norm[k], 6);
  const byValue = Float64Array.from(golden.gradients[1]);
  expect(clipValues(byValue, 0.25)).toBe(2);
  expect([...byValue]).toEqual(golden.value);
});

test('clipping by value touches nothing where a number is not finite', () => {
  const broken = Float64Array.of(9, Infinity);
  expect(clipValues(broken, 1)).toBeNaN();
  expect([...broken]).toEqual([9, Infinity]);
});

test('a clip counts steps, shortened gradients and those that are not finite', () => {
  const clip = new GradientClip({ value: 2, norm: 2.5 });
  const short = Float64Array.of(1, 1);
  const cut = Float64Array.of(3, 1);
  const long = Float64Array.of(2, 2);
  expect([short, cut, long].map((g) => clip.apply(g))).toEqual([true, true, true]);
  expect([...cut]).toEqual([2, 1]);
  expect(norm(long)).toBeCloseTo(2.5, 14);
  expect(clip.apply(Float64Array.of(1, Number.NaN))).toBe(false);
  expect(clip.apply(Float64Array.of(1e300, 1e300))).toBe(true);
  expect([clip.steps, clip.clipped, clip.notFinite]).toEqual([5, 3, 1]);
});

test('without bounds a clip only looks', () => {
  const clip = new GradientClip({});
  const g = Float64Array.of(1e3, -1e3);
  expect(clip.apply(g)).toBe(true);
  expect([[...g], clip.clipped]).toEqual([[1e3, -1e3], 0]);
});
