import { expect, test } from 'vitest';
import { learntPriceStep, stepOffset } from '#shared/forecast/price-step.ts';

test.each([
  [60_000, 0.01],
  [100, 0.05],
  [1e8, 0.01],
  [1e-3, 1e-6],
  [3e-8, 1e-9],
  [1e-8, 1e-12],
  [1e-30, 1e-34],
  [2e15, 1000],
])('at a price of %d a step of %d is learnt from moves of several', (price, step) => {
  const steps = [7, 3, 1, 4, 2];
  let known = Number.NaN;
  let before = price;
  for (const [k, count] of steps.entries()) {
    const next = price + count * step * (k % 2 === 0 ? 1 : -1);
    known = learntPriceStep(known, before, next);
    before = next;
  }
  expect(Math.abs(known / step - Math.round(known / step))).toBeLessThan(1e-6);
  expect(known).toBeGreaterThan(0);
  known = learntPriceStep(known, price, price + step);
  expect(known / step).toBeCloseTo(1, 6);
});

test('an unmoved price and floating-point dust teach no step', () => {
  expect(learntPriceStep(Number.NaN, 100, 100)).toBeNaN();
  expect(learntPriceStep(0.05, 0.3, 0.1 + 0.2)).toBe(0.05);
});

test('the step as an offset is never zero', () => {
  expect(stepOffset(Number.NaN, 5, 0, false)).toBeGreaterThan(0);
  expect(stepOffset(0.01, 100, 0, true)).toBe(1);
});
