import { describe, expect, test } from 'vitest';
import { charactersOf } from '#services/ingest/sources/simulated/character.ts';
import { SymbolMarket } from '#services/ingest/sources/simulated/symbol-market.ts';
import { quantileOf, type TrueLaw } from '#services/ingest/sources/simulated/true-law.ts';
import type { RawQuote, RawTrade } from '#shared/market/raw-tick.ts';
import { Random } from '#shared/nn/random.ts';

const SWITCHES = { hasRegimes: true, hasGaps: true };

function aSymbol(at = 0): SymbolMarket {
  const character = charactersOf(6, 6)[at];
  return new SymbolMarket({
    character,
    switches: SWITCHES,
    seed: `law/${at}`,
    startSteps: character.startSteps,
  });
}

function nextTrade(market: SymbolMarket): number {
  for (;;) {
    const raw = market.take(0n);
    if (raw.kind === 'trade') return Number(raw.price);
  }
}

/** Where the outcome lies in the law, 0 to 1; uniform if the law is true. Ties are broken at random, prices being discrete. */
function pit({ draws }: TrueLaw, outcome: number, random: Random): number {
  const tolerance = 1e-9;
  const below = draws.filter((draw) => draw < outcome - tolerance).length;
  const equal = draws.filter((draw) => Math.abs(draw - outcome) <= tolerance).length;
  return (below + random.next() * (equal + 1)) / (draws.length + 1);
}

/** PIT values of `origins` forecasts of the trade `horizonTicks` later, one after the other, not overlapping. */
function pits(
  market: SymbolMarket,
  horizonTicks: number,
  samples: number,
  origins: number,
): number[] {
  const random = new Random('ties');
  let price = nextTrade(market);
  return Array.from({ length: origins }, () => {
    const law = market.trueLaw({ horizonTicks, samples });
    if (law === null) throw new RangeError('there was no trade');
    expect(law.originPrice).toBe(price);
    let last = price;
    for (let k = 0; k < horizonTicks; k++) last = nextTrade(market);
    const outcome = 10_000 * Math.log(last / price);
    price = last;
    return pit(law, outcome, random);
  });
}

const shareWithin = (values: readonly number[], low: number, high: number): number =>
  values.filter((value) => value > low && value < high).length / values.length;

describe('the true law', () => {
  test.each([
    [0, 1, 4_000],
    [1, 1, 4_000],
    [5, 10, 2_500],
  ])(
    'of symbol %i, %i trades ahead, covers what happens as often as it says',
    (at, horizon, origins) => {
      const values = pits(aSymbol(at), horizon, 60, origins);
      expect(Math.abs(shareWithin(values, 0.1, 0.9) - 0.8)).toBeLessThan(0.02);
      expect(Math.abs(shareWithin(values, 0.25, 0.75) - 0.5)).toBeLessThan(0.03);
      expect(Math.abs(shareWithin(values, 0, 0.5) - 0.5)).toBeLessThan(0.03);
      expect(Math.abs(shareWithin(values, 0, 0.05) - 0.05)).toBeLessThan(0.015);
    },
  );

  test('asking for it does not change what comes', () => {
    const [asked, left] = [aSymbol(), aSymbol()];
    for (let k = 0; k < 200; k++) {
      asked.trueLaw({ horizonTicks: 3, samples: 5 });
      expect(asked.take(0n)).toEqual(left.take(0n));
    }
  });

  test('is the same when it is asked twice, and unknown before the first trade', () => {
    const market = aSymbol();
    expect(market.trueLaw({ horizonTicks: 1, samples: 10 })).toBe(null);
    nextTrade(market);
    const law = market.trueLaw({ horizonTicks: 5, samples: 200 });
    expect(law).toEqual(market.trueLaw({ horizonTicks: 5, samples: 200 }));
  });

  test('quantiles are draws: the smallest that enough draws do not exceed', () => {
    const draws = Float64Array.of(-2, -1, 0, 1, 2);
    expect([0, 0.2, 0.21, 0.5, 1].map((level) => quantileOf(draws, level))).toEqual([
      -2, -2, -1, 0, 2,
    ]);
  });
});

describe('what the market is like', () => {
  const ticks: (RawTrade | RawQuote)[] = [];
  const market = aSymbol();
  for (let k = 0; k < 60_000; k++) ticks.push(market.take(0n));
  const quotes = ticks.filter(({ kind }) => kind === 'quote');
  const middles = quotes.map(({ bid, ask }) => (Number(bid) + Number(ask)) / 2);
  const moves = middles.slice(1).map((middle, at) => Math.log(middle / middles[at]));
  const trades = ticks.filter((tick) => tick.kind === 'trade').map(({ price }) => Number(price));
  const returns = trades.slice(1).map((price, at) => Math.log(price / trades[at]));

  test('trades bounce between bid and ask, so their returns turn back', () => {
    expect(correlation(returns.slice(1), returns.slice(0, -1))).toBeLessThan(-0.04);
  });

  test('volatility comes in clusters, and moves have fat tails', () => {
    const squares = moves.map((move) => move * move);
    expect(correlation(squares.slice(5), squares.slice(0, -5))).toBeGreaterThan(0.05);
    const [second, fourth] = [mean(squares), mean(squares.map((square) => square * square))];
    expect(fourth / (second * second)).toBeGreaterThan(4);
  });

  test('the side that trades lean to comes again', () => {
    const sides = ticks.flatMap((tick) =>
      tick.kind === 'trade' ? [tick.side === 'buy' ? 1 : -1] : [],
    );
    expect(correlation(sides.slice(1), sides.slice(0, -1))).toBeGreaterThan(0.15);
  });

  test('sizes in the book lead the price in calm times', () => {
    const calm = new SymbolMarket({
      character: charactersOf(1, 6)[0],
      switches: { hasRegimes: false, hasGaps: false },
      seed: 'calm',
      startSteps: 10_000,
    });
    const seen = Array.from({ length: 30_000 }, () => calm.take(0n)).filter(
      ({ kind }) => kind === 'quote',
    );
    const middle = seen.map(({ bid, ask }) => (Number(bid) + Number(ask)) / 2);
    const lean = seen.map(({ bidSize, askSize }) => Number(bidSize) - Number(askSize));
    const next = middle.slice(1).map((price, at) => price - middle[at]);
    expect(correlation(lean.slice(0, -1), next)).toBeGreaterThan(0.05);
  });

  test('a change of regime is told by a spread that nothing else makes', () => {
    const spreads = new Set(
      quotes.map(({ bid, ask }) => Math.round((Number(ask) - Number(bid)) * 100)),
    );
    expect(spreads.has(9)).toBe(true);
    expect(spreads.has(8)).toBe(false);
    expect(Math.max(...spreads)).toBe(9);
  });
});

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = mean(a.map((value, at) => (value - meanA) * (b[at] - meanB)));
  const varianceA = mean(a.map((value) => (value - meanA) ** 2));
  const varianceB = mean(b.map((value) => (value - meanB) ** 2));
  return product / Math.sqrt(varianceA * varianceB);
}
