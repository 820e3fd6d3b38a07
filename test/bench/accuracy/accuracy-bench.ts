import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MARKET_CASES } from './market/market-cases.ts';
import { marketLines } from './market/market-report.ts';
import { replayed } from './replayed.ts';
import { preparedSeries, SERIES_CASES, type SeriesResult, scoredSeries } from './series-case.ts';
import { TICK_CASES } from './ticks-case.ts';
import { ticksLines } from './ticks-report.ts';

/** Numbers of the reference prototype for its best single configuration, and the best published ones without leakage. */
const BESIDE: Readonly<Record<string, readonly [prototype: string, published: string]>> = {
  ETTh2: ['.3246 / 1.459 / 2.470', '.365 / 1.694 / 2.988'],
  ETTh1: ['.216 / .650 / .768 (ridge)', '-'],
  ETTm1: ['.0957 / .384 / .512', '.096 / .418 / .554'],
  'ETTm1-fsnet': ['.0724 / .269 / .368', '.082 / - / -'],
  Exchange: ['.0089 / .0861 / .1648', '.009 / .093 / .176'],
};

export interface AccuracyOptions {
  /** Folder of the data sets. */
  readonly datasets: string;
  /** Only cases of these names; all where empty. */
  readonly only: readonly string[];
  readonly seed: number;
}

/** Replays every data set of the protocol and yields the lines of the report, as they come. */
export async function* runAccuracy(options: AccuracyOptions): AsyncGenerator<string> {
  const { datasets, only, seed } = options;
  const isWanted = ({ name }: { readonly name: string }) =>
    only.length === 0 || only.includes(name);
  const ticks = { datasets, cases: TICK_CASES.filter(isWanted), seed };
  yield* ['## Ticks', ''];
  yield* ticksLines(ticks);
  yield* ['', '## Simulated market', ''];
  yield* marketLines(MARKET_CASES.filter(isWanted), seed);
  yield* ['', '## Regular series', ''];
  yield '| set | MSE at H = 1 / 24 / 48 | MAE | coverage error at 1, 24, 48 | prototype, MSE | best published without leakage, MSE | seconds |';
  yield '|---|---|---|---|---|---|---|';
  const scratch = await mkdtemp(join(tmpdir(), 'foretick-series-'));
  try {
    for (const one of SERIES_CASES.filter(isWanted)) {
      const prepared = preparedSeries({ datasets, scratch }, one, seed);
      const { results, seconds } = await replayed(prepared.flags, async (run) => ({
        results: await scoredSeries(prepared, run),
        seconds: run.seconds,
      }));
      const scores = [over(results, 'mse'), over(results, 'mae'), over(results, 'coverageError')];
      const cells = [one.name, ...scores, ...BESIDE[one.name]];
      yield `| ${[...cells, seconds.toFixed(0)].join(' | ')} |`;
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

export function over(
  results: readonly SeriesResult[],
  what: 'mse' | 'mae' | 'coverageError',
): string {
  return results.map((result) => result[what].toFixed(4)).join(' / ');
}
