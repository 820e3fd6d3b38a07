import { expect, test } from 'vitest';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { crpsCellWeights, pinball } from '#shared/nn/losses/pinball.ts';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';

const weights = crpsCellWeights(TICK_LEVELS);
const shape = { horizons: 1, levels: TICK_LEVELS, weights };
const L = TICK_LEVELS.length;

test('cell weights sum to 2 and reach both ends', () => {
  expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(2, 14);
  expect(weights[0]).toBeCloseTo(2 * 0.0375, 14);
  expect(weights[10]).toBeCloseTo(0.1, 14);
});

test('the loss of a Gaussian is close to its CRPS in closed form', () => {
  const quantiles = Float64Array.from(TICK_LEVELS, normalQuantile);
  const loss = (y: number): number =>
    pinball(1, shape, quantiles, Float64Array.of(y), Uint8Array.of(1), 0, 1, new Float64Array(L));
  // CRPS of N(0, 1) at y: y (2 Phi(y) - 1) + 2 phi(y) - 1 / sqrt(pi)
  expect(loss(0)).toBeCloseTo(0.23369, 2);
  expect(loss(1)).toBeCloseTo(0.60244, 2);
  expect(loss(-1)).toBeCloseTo(loss(1), 12);
});

test.each([
  ['all alike', {}],
  ['each as it counts', { horizonWeights: [1, 0.5, 0.2] }],
])(
  'the gradient of horizons %s agrees with central differences, scaled by the factor, and is 0 where the mask is',
  (_, counts) => {
    const horizons = 3;
    const levels = [0.1, 0.5, 0.9];
    const k = { horizons, levels, weights: [0.4, 1, 0.6], ...counts };
    const quantiles = Float64Array.from({ length: 18 }, (_, j) => Math.sin(j * 2.3));
    const targets = Float64Array.of(0.3, -0.8, 0.1, 1.2, Number.NaN, 0);
    const mask = Uint8Array.of(1, 1, 0, 1, 0, 1);
    const gradient = new Float64Array(18);
    const loss = (): number => pinball(2, k, quantiles, targets, mask, 0, 0.25, gradient);
    loss();
    const analytic = gradient.slice();
    for (let j = 0; j < 18; j++) {
      const kept = quantiles[j] as number;
      quantiles[j] = kept + 1e-6;
      const above = loss();
      quantiles[j] = kept - 1e-6;
      const below = loss();
      quantiles[j] = kept;
      expect((0.25 * (above - below)) / 2e-6).toBeCloseTo(analytic[j] as number, 8);
    }
    expect([...analytic.slice(6, 9), ...analytic.slice(12, 15)]).toEqual([0, 0, 0, 0, 0, 0]);
  },
);

test('the sample quantile is where the gradient changes sign', () => {
  const targets = Float64Array.from({ length: 101 }, (_, j) => j);
  const mask = new Uint8Array(101).fill(1);
  const slopeAt = (q: number): number => {
    const gradient = new Float64Array(101);
    const k = { horizons: 1, levels: [0.8], weights: [1] };
    pinball(101, k, new Float64Array(101).fill(q), targets, mask, 0, 1, gradient);
    return gradient.reduce((sum, g) => sum + g, 0);
  };
  expect(slopeAt(79.5)).toBeLessThan(0);
  expect(slopeAt(80.5)).toBeGreaterThan(0);
});
