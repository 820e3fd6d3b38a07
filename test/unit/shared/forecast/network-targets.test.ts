import { expect, test } from 'vitest';
import { networkTargets } from '#shared/forecast/network-targets.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';

test('of ticks a horizon counts by the root of how many of its targets are independent', () => {
  const { weights, count, loss } = networkTargets({ horizons: [1, 4, 100], levels: TICK_LEVELS });
  expect({ weights, count, loss }).toEqual({ weights: [1, 0.5, 0.1], count: 3, loss: 'pinball' });
});

test('of regular series every target counts alike, each horizon in two scales', () => {
  const { weights, levels, loss } = networkTargets({
    seasonTicks: 24,
    horizons: [1, 24],
    levels: TICK_LEVELS,
  });
  expect({ weights, levels, loss }).toEqual({
    weights: [1, 1, 1, 1],
    levels: [0.5],
    loss: 'huber',
  });
});
