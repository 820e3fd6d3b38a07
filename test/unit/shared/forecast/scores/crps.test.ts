import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { crpsOfGaussian, crpsOfQuantiles } from '#shared/forecast/scores/crps.ts';
import { crpsCellWeights } from '#shared/nn/losses/pinball.ts';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';

const gaussianTables = (levels: readonly number[]) => ({
  weights: crpsCellWeights(levels),
  normalQuantiles: Float64Array.from(levels, normalQuantile),
});

/** Twice the integral of the pinball loss over the level, each level standing for what is nearest to it: 20,000 thin slices. */
function bruteForce(quantiles: Float32Array, happened: number, levels: readonly number[]): number {
  const slices = 20_000;
  let nearest = 0;
  let sum = 0;
  for (let s = 0; s < slices; s += 1) {
    const p = (s + 0.5) / slices;
    while (
      nearest + 1 < levels.length &&
      Math.abs(levels[nearest + 1] - p) < Math.abs(levels[nearest] - p)
    ) {
      nearest += 1;
    }
    const error = happened - quantiles[nearest];
    sum += Math.max(levels[nearest] * error, (levels[nearest] - 1) * error);
  }
  return (2 * sum) / slices;
}

const someLevels = fc
  .uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 21 })
  .map((percents) => percents.toSorted((a, b) => a - b).map((percent) => percent / 100));

test('the weights of any levels are positive and sum to two', () => {
  fc.assert(
    fc.property(someLevels, (levels) => {
      const weights = crpsCellWeights(levels);
      expect(weights.every((weight) => weight > 0)).toBe(true);
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(2, 12);
    }),
  );
});

test('the score of quantiles is twice the integral of the pinball loss', () => {
  const number = fc.double({ min: -100, max: 100, noNaN: true });
  const quantiles = fc.array(number, { minLength: 21, maxLength: 21 });
  fc.assert(
    fc.property(quantiles, number, (unsorted, happened) => {
      const sorted = Float32Array.from(unsorted).sort();
      const weights = crpsCellWeights(TICK_LEVELS);
      const crps = crpsOfQuantiles(sorted, 0, happened, TICK_LEVELS, weights);
      const expected = bruteForce(sorted, happened, TICK_LEVELS);
      expect(Math.abs(crps - expected)).toBeLessThan(0.02 + 1e-3 * expected);
    }),
    { numRuns: 40 },
  );
});

test('the score of a point mass is the distance to it, over any levels symmetric about a half', () => {
  const weights = crpsCellWeights(TICK_LEVELS);
  const quantiles = new Float32Array(23).fill(3);
  for (const happened of [-4, 3, 10.5]) {
    const crps = crpsOfQuantiles(quantiles, 1, happened, TICK_LEVELS, weights);
    expect(crps).toBeCloseTo(Math.abs(happened - 3), 12);
  }
});

describe('the score of a Gaussian on a grid of levels', () => {
  /** sigma (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi)), Gneiting and Raftery 2007, at z whose Phi is known. */
  const closedForm = (sigma: number, z: number, phi: number): number =>
    sigma *
    (z * (2 * phi - 1) +
      (2 * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI) -
      1 / Math.sqrt(Math.PI));
  const cases = [
    [2, 0, 0.5],
    [2, 1, 0.8413447460685429],
    [0.5, -1, 0.15865525393145707],
    [7, 2, 0.9772498680518208],
  ] as const;

  test.each(cases)(
    'sigma %f at z = %f is within 4 %% of the closed form on our levels',
    (s, z, phi) => {
      const crps = crpsOfGaussian(s, s * z, TICK_LEVELS, gaussianTables(TICK_LEVELS));
      expect(Math.abs(crps / closedForm(s, z, phi) - 1)).toBeLessThan(0.04);
    },
  );

  test.each(cases)('sigma %f at z = %f tends to the closed form on finer levels', (s, z, phi) => {
    const fine = Array.from({ length: 4000 }, (_, k) => (k + 0.5) / 4000);
    const crps = crpsOfGaussian(s, s * z, fine, gaussianTables(fine));
    expect(Math.abs(crps / closedForm(s, z, phi) - 1)).toBeLessThan(1e-3);
  });

  test('equals the score of its own quantiles', () => {
    const quantiles = Float32Array.from(TICK_LEVELS, (level) => 3 * normalQuantile(level));
    const tables = gaussianTables(TICK_LEVELS);
    for (const happened of [-5, 0, 1.25, 20]) {
      const own = crpsOfQuantiles(quantiles, 0, happened, TICK_LEVELS, tables.weights);
      expect(crpsOfGaussian(3, happened, TICK_LEVELS, tables)).toBeCloseTo(own, 5);
    }
  });
});
