import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Replayed, replayed } from '../replayed.ts';
import { mean, NOMINAL } from '../tick-scores.ts';
import { offsetsOf } from '../ticks-case.ts';
import { type LawScores, scoresUnderLaw } from './law-scores.ts';
import { type MarketTape, type MarketTapeOptions, playMarket } from './market-tape.ts';

export interface MarketResult {
  readonly horizon: number;
  /** Expected CRPS of the forecasts over that of the true law, less 1; mean over symbols. */
  readonly excess: number;
  /** Expected under the law. */
  readonly expected: MarketCoverage;
  /** On the one future that came. */
  readonly came: MarketCoverage;
  /** Of the true law's own quantiles on what came: what a perfect forecaster shows. */
  readonly oracleCame: MarketCoverage;
}

/** Coverage of the 50, 80 and 95 % intervals. */
export interface MarketCoverage {
  /** Mean over symbols. */
  readonly shares: readonly number[];
  /** Mean over symbols of the largest distance of the three from what they say. */
  readonly worst: number;
}

/** Replays a tape of the simulated market and compares the forecasts at the examined origins with the true law there. */
export async function runMarket(
  options: MarketTapeOptions,
): Promise<{ readonly results: readonly MarketResult[]; readonly seconds: number }> {
  const tape = playMarket(options);
  const folder = await mkdtemp(join(tmpdir(), 'foretick-market-'));
  try {
    const input = join(folder, 'market.csv');
    await writeFile(input, `${tape.lines.join('\n')}\n`);
    const flags = [
      ...['--input', input, '--layout', 'ticks', '--warm-up', `${options.warmUpTrades}`],
      ...['--horizons', options.horizons.join(), '--seed', `${options.seed}`],
    ];
    return await replayed(flags, async (run) => ({
      results: await resultsOf(run, tape, options.horizons),
      seconds: run.seconds,
    }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function resultsOf(
  { rowsOf }: Replayed,
  { characters, origins }: MarketTape,
  horizons: readonly number[],
): Promise<readonly MarketResult[]> {
  const bySymbol: (readonly LawScores[])[] = [];
  for (const { symbol } of characters) {
    const rows = await rowsOf(symbol);
    const examined = origins.filter((origin) => origin.symbol === symbol);
    bySymbol.push(
      horizons.map((horizon, k) =>
        scoresUnderLaw(
          examined.map(({ origin, draws, came }) => ({
            stated: offsetsOf(rows[origin], horizon),
            draws: draws[k],
            happened: came[k],
          })),
        ),
      ),
    );
  }
  return horizons.map((horizon, k) => {
    const scores = bySymbol.map((each) => each[k]);
    return {
      horizon,
      excess: mean(scores.map(({ crps, oracleCrps }) => crps / oracleCrps)) - 1,
      expected: meanCoverage(scores.map(({ coverages }) => coverages)),
      came: meanCoverage(scores.map(({ came }) => came)),
      oracleCame: meanCoverage(scores.map(({ oracleCame }) => oracleCame)),
    };
  });
}

function meanCoverage(bySymbol: readonly (readonly number[])[]): MarketCoverage {
  const errors = bySymbol.map((shares) => shares.map((share, n) => Math.abs(share - NOMINAL[n])));
  return {
    shares: NOMINAL.map((_, n) => mean(bySymbol.map((shares) => shares[n]))),
    worst: mean(errors.map((each) => Math.max(...each))),
  };
}
