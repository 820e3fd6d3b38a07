import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replayed } from './replayed.ts';
import { preparedSeries, SERIES_CASES, type SeriesResult, scoredSeries } from './series-case.ts';
import { runTicks, TICK_CASES, type TicksResult } from './ticks-case.ts';

/** Numbers of the reference prototype for its best single configuration, and the best published ones without leakage. */
const BESIDE: Readonly<Record<string, readonly [prototype: string, published: string]>> = {
  ETTh2: ['.3246 / 1.459 / 2.470', '.365 / 1.694 / 2.988'],
  ETTh1: ['.216 / .650 / .768 (ridge)', '-'],
  ETTm1: ['.0957 / .384 / .512', '.096 / .418 / .554'],
  'ETTm1-fsnet': ['.0724 / .269 / .368', '.082 / - / -'],
  Exchange: ['.0089 / .0861 / .1648', '.009 / .093 / .176'],
};
const TICKS_BESIDE: Readonly<Record<string, readonly string[]>> = {
  trades: ['.342, .077, .014, 1.001', '.254, .233, .004, .811', '.037, .031, .029, .982'],
  quotes: ['.545, .054, .016, 1.009', '.270, .068, .001, 1.023', '.094, .057, .008, .963'],
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
  yield* ['## Ticks', ''];
  yield '| events | horizon | skill vs EWMA-Gaussian | vs best of three | coverage error | MAE / last value | prototype (the same four) | seconds |';
  yield '|---|---|---|---|---|---|---|---|';
  for (const one of TICK_CASES.filter(isWanted)) {
    const { results, seconds } = await runTicks(datasets, one, seed);
    for (const [k, result] of results.entries()) {
      const cells = [one.name, `${result.horizon}`, ...tickCells(result)];
      const beside = TICKS_BESIDE[one.name]?.[k] ?? '-';
      yield `| ${[...cells, beside, k === 0 ? seconds.toFixed(0) : ''].join(' | ')} |`;
    }
  }
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

function tickCells(result: TicksResult): readonly string[] {
  const { skillEwmaGaussian, skillBestOfThree, coverageError, maeRatio } = result;
  return [skillEwmaGaussian, skillBestOfThree, coverageError, maeRatio].map((v) => v.toFixed(3));
}

export function over(
  results: readonly SeriesResult[],
  what: 'mse' | 'mae' | 'coverageError',
): string {
  return results.map((result) => result[what].toFixed(4)).join(' / ');
}
