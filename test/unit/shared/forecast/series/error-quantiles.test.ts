import { expect, test } from 'vitest';
import { ErrorQuantiles } from '#shared/forecast/series/error-quantiles.ts';
import { Random } from '#shared/nn/random.ts';

const LEVELS = [0.025, 0.1, 0.5, 0.9, 0.975];

/**
 * Share of the changes over `horizon` steps of a random walk that lay below each quantile issued at their origin, in units of a spread
 * that follows the changes that have come.
 */
function sharesBelow(horizon: number): number[] {
  const [steps, random] = [20_000, new Random(4)];
  const quantiles = new ErrorQuantiles(LEVELS, horizon);
  const state = new Float64Array(quantiles.slots);
  const now = new Float64Array(LEVELS.length);
  const issued = new Float32Array(steps * LEVELS.length);
  const walk = [0];
  const below = LEVELS.map(() => 0);
  let meanSquare = 1;
  for (let t = 0; t < steps; t += 1) {
    if (t >= horizon) {
      const quantilesAt = (t - horizon) * LEVELS.length;
      const happened = walk[t] - walk[t - horizon];
      LEVELS.forEach((_, l) => {
        below[l] += happened < issued[quantilesAt + l] ? 1 : 0;
      });
      meanSquare += 0.02 * (happened * happened - meanSquare);
      quantiles.learn(state, 0, issued, { happened, tie: 1e-6, quantilesAt });
    }
    quantiles.write(state, 0, Math.sqrt(meanSquare), now);
    issued.set(now, t * LEVELS.length);
    walk.push(walk[t] + random.normal());
  }
  return below.map((count) => count / (steps - horizon));
}

test.each([1, 10, 48])(
  'below each quantile, as it was issued, lies the share of its level, though targets come %i rows late and move the spread',
  (horizon) => {
    sharesBelow(horizon).forEach((share, l) => {
      expect(Math.abs(share - LEVELS[l]), `${LEVELS[l]}`).toBeLessThan(0.015);
    });
  },
);

test('a fresh start states the quantiles of a Gaussian, rising', () => {
  const quantiles = new ErrorQuantiles([0.025, 0.5, 0.975], 1);
  const into = new Float64Array(3);
  quantiles.write(new Float64Array(quantiles.slots), 0, 2, into);
  [-3.92, 0, 3.92].forEach((quantile, l) => {
    expect(into[l]).toBeCloseTo(quantile, 2);
  });
});

test('a point mass moves the level that lies on it no further', () => {
  const quantiles = new ErrorQuantiles([0.5], 1);
  const state = new Float64Array(1);
  const still = { happened: 0, tie: 1e-6, quantilesAt: 0 };
  for (let k = 0; k < 100; k += 1) quantiles.learn(state, 0, new Float32Array(1), still);
  expect(state[0]).toBe(0);
});
