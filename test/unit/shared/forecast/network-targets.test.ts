import { expect, test } from 'vitest';
import { networkTargets } from '#shared/forecast/network-targets.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';

test('of ticks a horizon counts by the root of how many of its targets are independent', () => {
  const { weights, count, loss } = networkTargets({ horizons: [1, 4, 100], levels: TICK_LEVELS });
  expect({ weights, count, loss }).toEqual({ weights: [1, 0.5, 0.1], count: 3, loss: 'pinball' });
});

test('of ticks the outputs of a long horizon learn slower, and begin nearer to a Gaussian', () => {
  const { rates, spreads } = networkTargets({ horizons: [1, 4, 100], levels: TICK_LEVELS });
  expect(rates).toEqual([1, 0.5, 0.1]);
  expect(spreads.map((spread) => spread.toFixed(9))).toEqual([
    '0.600000000',
    '0.800000000',
    '0.960000000',
  ]);
});

test('of regular series every target counts alike, each horizon in two scales', () => {
  const { weights, levels, loss, rates } = networkTargets({
    seasonTicks: 24,
    horizons: [1, 24],
    levels: TICK_LEVELS,
  });
  expect({ weights, levels, loss, rates }).toEqual({
    weights: [1, 1, 1, 1],
    rates: [1, 1, 1, 1],
    levels: [0.5],
    loss: 'huber',
  });
});
