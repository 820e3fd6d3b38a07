import { expect, test } from 'vitest';
import { runMarket } from '#test/bench/accuracy/market/market-case.ts';

// The short form of `npm run bench -- accuracy --only market`. Seen: 1.8, 2.3 and 4.8 % above the law; at the next trade 5.6 % without the
// network. The bound there lies between; the others are for worse faults.
test('on the simulated market the loss is little above that of the true law, and never below it', async () => {
  const { results } = await runMarket({
    ...{ symbolCount: 2, seed: 3, tickCount: 24_000, warmUpTrades: 2_500 },
    ...{ horizons: [1, 10, 100], stride: 40, samples: 100, hasRegimes: true, hasGaps: false },
  });
  const [one, ten, hundred] = results;
  expect(one.excess).toBeLessThan(0.04);
  expect(ten.excess).toBeLessThan(0.04);
  expect(hundred.excess).toBeLessThan(0.1);
  for (const { excess, expected } of results) {
    expect(excess).toBeGreaterThan(0);
    [0.5, 0.8, 0.95].forEach((nominal, n) => {
      expect(Math.abs(expected.shares[n] - nominal)).toBeLessThan(0.1);
    });
  }
});
