import { describe, expect, test } from 'vitest';
import { OnlineRidge } from '#shared/forecast/series/online-ridge.ts';
import { Random } from '#shared/nn/random.ts';

const P = 4;
const H = 2;
const TRUTH = [
  [1, -2],
  [0.5, 0],
  [0, 3],
  [-1, 1],
];

function fitted(options: {
  readonly pairs: number;
  readonly forgetting: number;
  readonly penalty: number;
  readonly truthAt?: (t: number) => readonly (readonly number[])[];
}): { predict: (x: readonly number[]) => number[] } {
  const { pairs, forgetting, penalty, truthAt = () => TRUTH } = options;
  const ridge = new OnlineRidge({ inputs: P, outputs: H, forgetting, penalty });
  // Not at the beginning, as in an arena.
  const state = new Float64Array(5 + ridge.slots);
  const random = new Random(6);
  const x = new Float64Array(P);
  const y = new Float64Array(H);
  for (let t = 0; t < pairs; t += 1) {
    for (let i = 0; i < P; i += 1) x[i] = random.normal();
    for (let h = 0; h < H; h += 1)
      y[h] = truthAt(t).reduce((sum, row, i) => sum + row[h] * x[i], 0);
    ridge.learn(state, 5, x, y);
  }
  ridge.solve(state, 5);
  return {
    predict: (some) => {
      const into = new Float64Array(H);
      ridge.predict(state, 5, Float64Array.from(some), into);
      return Array.from(into);
    },
  };
}

describe('a ridge that sees a linear rule', () => {
  test('finds it', () => {
    const { predict } = fitted({ pairs: 500, forgetting: 1, penalty: 1e-6 });
    TRUTH.forEach((row, i) => {
      const unit = [0, 0, 0, 0].map((_, j) => (j === i ? 1 : 0));
      predict(unit).forEach((found, h) => {
        expect(found).toBeCloseTo(row[h], 6);
      });
    });
  });

  test('follows it when it changes, as fast as it forgets', () => {
    const opposite = TRUTH.map((row) => row.map((weight) => -weight));
    const truthAt = (t: number) => (t < 2000 ? TRUTH : opposite);
    const { predict } = fitted({ pairs: 4000, forgetting: 0.99, penalty: 1e-6, truthAt });
    expect(predict([1, 0, 0, 0])[0]).toBeCloseTo(-1, 4);
  });

  test('shrinks what it says by the penalty', () => {
    const weak = fitted({ pairs: 200, forgetting: 1, penalty: 1e-6 }).predict([0, 0, 1, 0])[1];
    const strong = fitted({ pairs: 200, forgetting: 1, penalty: 200 }).predict([0, 0, 1, 0])[1];
    expect(strong).toBeGreaterThan(0.35 * weak);
    expect(strong).toBeLessThan(0.65 * weak);
  });
});

test('with few pairs it says that nothing changes', () => {
  expect(fitted({ pairs: 99, forgetting: 1, penalty: 1 }).predict([1, 1, 1, 1])).toEqual([0, 0]);
});

test('inputs that are copies of each other, or zero, give finite forecasts', () => {
  const ridge = new OnlineRidge({ inputs: 3, outputs: 1, forgetting: 0.999, penalty: 10 });
  const state = new Float64Array(ridge.slots);
  const random = new Random(1);
  for (let t = 0; t < 400; t += 1) {
    const x = random.normal();
    ridge.learn(state, 0, Float64Array.of(x, x, 0), Float64Array.of(2 * x));
  }
  ridge.solve(state, 0);
  const into = new Float64Array(1);
  ridge.predict(state, 0, Float64Array.of(1, 1, 0), into);
  expect(into[0]).toBeGreaterThan(1.8);
  expect(into[0]).toBeLessThanOrEqual(2);
});
