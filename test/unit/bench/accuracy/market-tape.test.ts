import { expect, test } from 'vitest';
import { Random } from '#shared/nn/random.ts';
import { playMarket } from '#test/bench/accuracy/market/market-tape.ts';

const HORIZONS = [1, 10];
const options = {
  ...{ symbolCount: 2, seed: 7, tickCount: 9_000, warmUpTrades: 100 },
  ...{ horizons: HORIZONS, stride: 2, samples: 60, hasRegimes: true, hasGaps: false },
};
const tape = playMarket(options);

/** Prices of the trades of each symbol, as the lines tell them. */
const prices = new Map<string, number[]>();
for (const line of tape.lines.slice(1)) {
  const [, symbol, kind, price] = line.split(',');
  if (kind !== 'T') continue;
  prices.set(symbol, [...(prices.get(symbol) ?? []), Number(price)]);
}

/** Where each outcome on the tape lies among the draws of its law, 0 to 1; ties, prices being discrete, are broken at random. */
function pits(k: number): readonly number[] {
  const random = new Random('ties');
  return tape.origins.map(({ draws, came }) => {
    const below = draws[k].filter((draw) => draw < came[k] - 1e-6).length;
    const equal = draws[k].filter((draw) => Math.abs(draw - came[k]) <= 1e-6).length;
    return (below + random.next() * (equal + 1)) / (draws[k].length + 1);
  });
}

test.each([
  [1, 0, 0.025],
  [10, 1, 0.06],
])(
  '%i trades ahead what came on the tape is uniform under the laws that were asked on the way',
  (_, k, tolerance) => {
    const values = pits(k);
    expect(values.length).toBeGreaterThan(1_500);
    for (let tenth = 1; tenth < 10; tenth += 1) {
      const share = values.filter((value) => value < tenth / 10).length / values.length;
      expect(Math.abs(share - tenth / 10), `below ${tenth}/10`).toBeLessThan(tolerance);
    }
  },
);

test('what came is what the lines tell, and no origin is without it', () => {
  for (const { symbol, origin, came } of tape.origins) {
    const own = prices.get(symbol) ?? [];
    expect(came).toEqual(HORIZONS.map((h) => 1e4 * Math.log(own[origin + h] / own[origin])));
  }
});

test('asking for laws does not change the ticks', () => {
  expect(playMarket({ ...options, stride: 1_000_000 }).lines).toEqual(tape.lines);
});
