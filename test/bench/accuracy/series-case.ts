import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ReplaySummary } from '#services/replay/replay-summary.ts';
import type { ForecastRow, Replayed } from './replayed.ts';

/** A data set with the split of the published tables, in 0-based rows. */
export interface SeriesCase {
  readonly name: string;
  readonly file: string;
  readonly seasonTicks: number;
  /** Rows whose mean and standard deviation make the unit of the scores. */
  readonly trainEnd: number;
  readonly onlineStart: number;
  readonly end: number;
}

const ett = (unit: number) => ({ trainEnd: 4 * unit, onlineStart: 5 * unit, end: 20 * unit });

export const SERIES_CASES: readonly SeriesCase[] = [
  { name: 'ETTh2', file: 'ett/ETTh2.csv.gz', seasonTicks: 24, ...ett(720) },
  { name: 'ETTh1', file: 'ett/ETTh1.csv.gz', seasonTicks: 24, ...ett(720) },
  { name: 'ETTm1', file: 'ett/ETTm1.csv.gz', seasonTicks: 96, ...ett(2880) },
  { name: 'ETTm1-fsnet', file: 'ett/ETTm1.csv.gz', seasonTicks: 96, ...ett(720) },
  {
    name: 'Exchange',
    file: 'exchange/exchange_rate.csv.gz',
    seasonTicks: 5,
    ...{ trainEnd: 1517, onlineStart: 1897, end: 7588 },
  },
];

const SPANS = [1, 24, 48];
const LONGEST = 48;
const NOMINAL = [0.5, 0.8, 0.95];
/** Columns of the file that is scored. */
export const POINTS: readonly string[] = ['--columns', 'point'];

export interface SeriesResult {
  /** Steps ahead that are averaged over, from 1. */
  readonly span: number;
  readonly mse: number;
  readonly mae: number;
  /** At that step alone: distance of the coverage of the central intervals from 50, 80 and 95 %, mean over symbols. */
  readonly coverageError: number;
}

/** A case with its file, cut to the rows of the protocol. */
export interface PreparedSeries {
  readonly one: SeriesCase;
  readonly symbols: readonly string[];
  /** One row per tick, one number per symbol. */
  readonly values: readonly (readonly number[])[];
  /** What makes `foretick replay` forecast all 48 steps at every row. */
  readonly flags: readonly string[];
}

export function preparedSeries(
  { datasets, scratch }: { readonly datasets: string; readonly scratch: string },
  one: SeriesCase,
  seed: number,
): PreparedSeries {
  const lines = gunzipSync(readFileSync(join(datasets, one.file)))
    .toString()
    .trim()
    .split('\n');
  // Rows behind the split are no part of the protocol; without them the replay is shorter.
  const input = join(scratch, `${one.name}.csv`);
  writeFileSync(input, `${lines.slice(0, one.end + 1).join('\n')}\n`);
  return {
    one,
    symbols: lines[0].split(',').slice(1),
    values: lines.slice(1, one.end + 1).map((line) => line.split(',').slice(1).map(Number)),
    flags: [
      ...['--input', input, '--layout', 'wide', '--measure', 'value'],
      ...['--horizons', `1..${LONGEST}`, '--season-ticks', `${one.seasonTicks}`],
      ...['--warm-up', `${one.onlineStart}`, '--seed', `${seed}`, ...POINTS],
    ],
  };
}

/** Mean over origins, steps and channels, in train standard deviations. */
export async function scoredSeries(
  { one, symbols, values }: PreparedSeries,
  { rowsOf, summary }: Replayed,
): Promise<readonly SeriesResult[]> {
  const sums = SPANS.map(() => ({ square: 0, absolute: 0, count: 0 }));
  for (const [channel, symbol] of symbols.entries()) {
    addErrors(sums, await rowsOf(symbol), { values: values.map((row) => row[channel]), one });
  }
  return sums.map(({ square, absolute, count }, k) => ({
    span: SPANS[k],
    mse: square / count,
    mae: absolute / count,
    coverageError: coverageError(summary.scores, SPANS[k]),
  }));
}

function addErrors(
  sums: readonly { square: number; absolute: number; count: number }[],
  rows: readonly ForecastRow[],
  { values, one }: { readonly values: readonly number[]; readonly one: SeriesCase },
): void {
  const deviation = standardDeviation(values.slice(0, one.trainEnd));
  SPANS.forEach((span, k) => {
    const sum = sums[k];
    for (let t = one.onlineStart - 1; t < values.length - span; t += 1) {
      for (let h = 1; h <= span; h += 1) {
        const error = (Number(rows[t][`h${h}_point`]) - values[t + h]) / deviation;
        sum.square += error * error;
        sum.absolute += Math.abs(error);
        sum.count += 1;
      }
    }
  });
}

/** By the product's own scores. */
function coverageError({ symbols }: ReplaySummary['scores'], step: number): number {
  const errors = symbols.flatMap(({ horizons }) => {
    const coverage = horizons.find(({ horizonTicks }) => horizonTicks === step)?.coverage;
    return (coverage ?? []).map((share, k) => Math.abs(share - NOMINAL[k]));
  });
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

function standardDeviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
