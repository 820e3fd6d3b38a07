import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CANDIDATES, EwmaGaussian } from '#shared/forecast/baselines/ewma-gaussian.ts';
import { Random } from '#shared/nn/random.ts';

test('on white noise every candidate finds the standard deviation of the h-change', () => {
  const gaussian = new EwmaGaussian([1, 25]);
  const state = new Float64Array(gaussian.slots);
  const random = new Random(5);
  const values = [0];
  for (let t = 1; t <= 20_000; t += 1) {
    values.push(values[t - 1] + 3 * random.normal());
    gaussian.observeChange(state, 0, values[t] - values[t - 1], t);
    [1, 25].forEach((h, k) => {
      if (t >= h) gaussian.observeRealised(state, 0, k, values[t] - values[t - h], t - h + 1);
    });
  }
  for (let c = 0; c < CANDIDATES; c += 1) {
    // Half-lives of 50 are noisy on changes that overlap; those of 1,000 and more are not.
    const share = c % 4 < 2 ? 0.6 : 0.15;
    expect(Math.abs(gaussian.sigma(state, 0, 0, c) / 3 - 1)).toBeLessThan(share);
    expect(Math.abs(gaussian.sigma(state, 0, 1, c) / 15 - 1)).toBeLessThan(share);
  }
});

test('the last four candidates are the one-event deviation times the root of h', () => {
  const gaussian = new EwmaGaussian([1, 16]);
  const state = new Float64Array(gaussian.slots);
  [2, -1, 4].forEach((change, k) => {
    gaussian.observeChange(state, 0, change, k + 1);
  });
  for (let c = 4; c < 8; c += 1) {
    expect(gaussian.sigma(state, 0, 0, c)).toBeCloseTo(Math.sqrt(21 / 3), 12);
    expect(gaussian.sigma(state, 0, 1, c)).toBeCloseTo(4 * Math.sqrt(21 / 3), 12);
  }
});

test('nothing is realised before the first h-change', () => {
  const gaussian = new EwmaGaussian([10]);
  const state = new Float64Array(gaussian.slots);
  gaussian.observeRealised(state, 0, 0, Number.NaN, 0);
  expect(state.every((slot) => slot === 0)).toBe(true);
});

test('the chosen candidate is the one with the least sum of losses', () => {
  const losses = fc.array(fc.integer({ min: 0, max: 1000 }), {
    minLength: CANDIDATES,
    maxLength: CANDIDATES,
  });
  fc.assert(
    fc.property(fc.array(losses, { minLength: 1, maxLength: 12 }), (rounds) => {
      const gaussian = new EwmaGaussian([1, 10]);
      const state = new Float64Array(gaussian.slots);
      const sums = new Array<number>(CANDIDATES).fill(0);
      for (const round of rounds) {
        round.forEach((loss, c) => {
          sums[c] += loss;
          gaussian.addLoss(state, 0, 1, c, loss);
        });
      }
      expect(gaussian.chosen(state, 0, 1)).toBe(sums.indexOf(Math.min(...sums)));
    }),
  );
});

test('where warm-up was too short to compare any, the chosen candidate has a variance from the first change on', () => {
  const gaussian = new EwmaGaussian([1, 10]);
  const state = new Float64Array(gaussian.slots);
  gaussian.observeChange(state, 0, 2, 1);
  const chosen = gaussian.chosen(state, 0, 1);
  expect(gaussian.sigma(state, 0, 1, chosen)).toBeCloseTo(2 * Math.sqrt(10), 12);
});
