import { expect, test } from 'vitest';
import { ErrorWeight } from '#shared/forecast/series/error-weight.ts';
import { Random } from '#shared/nn/random.ts';

interface Size {
  /** Usual size of errors, in usual sizes of the change. */
  readonly error: number;
  readonly independent: number;
}

/** An error weight that has seen a thousand targets of these sizes, asked about one more. */
function weightOf(error: number, sizes: Size): number {
  const random = new Random(3);
  const weight = new ErrorWeight(0.01);
  const state = new Float64Array(weight.slots);
  const { independent } = sizes;
  for (let count = 1; count <= 1000; count += 1) {
    const usual = { error: sizes.error * random.normal(), change: random.normal() };
    weight.weigh(state, 0, { ...usual, scale: 1, count, independent });
  }
  return weight.weigh(state, 0, { error, change: 1, scale: 1, count: 1001, independent });
}

test('until fifty targets are known, every error counts in full', () => {
  const weight = new ErrorWeight(0.01);
  const state = new Float64Array(weight.slots);
  for (let count = 1; count <= 50; count += 1) {
    const error = count % 10 === 0 ? 1000 : 1;
    expect(weight.weigh(state, 0, { error, change: 1, scale: 1, count, independent: 9 })).toBe(1);
  }
});

test('an error of the usual size counts in full, on either side', () => {
  for (const error of [0.6, -0.6, 0]) {
    expect(weightOf(error, { error: 0.8, independent: 100 })).toBe(1);
  }
});

test('a large error counts less where few independent ones are known, in full where many are', () => {
  const few = weightOf(8, { error: 0.8, independent: 10 });
  const more = weightOf(8, { error: 0.8, independent: 400 });
  expect(few).toBeLessThan(0.2);
  expect(more).toBeGreaterThan(2 * few);
  expect(more).toBeLessThan(0.5);
  expect(weightOf(8, { error: 0.8, independent: 10_000 })).toBe(1);
});

test('where absolute errors are larger than those of the last value, small errors count more than large ones', () => {
  const dear = { error: 1.5, independent: 10_000 };
  expect(weightOf(0.1, dear)).toBeGreaterThan(2 * weightOf(2, dear));
  const cheap = { error: 0.9, independent: 10_000 };
  expect(weightOf(0.1, cheap)).toBe(weightOf(2, cheap));
});

test('what never moves and never errs counts in full', () => {
  const weight = new ErrorWeight(0.01);
  const state = new Float64Array(weight.slots);
  for (let count = 1; count <= 100; count += 1) {
    const none = { error: 0, change: 0, scale: 1e-150, count, independent: count };
    expect(weight.weigh(state, 0, none)).toBe(1);
  }
});
