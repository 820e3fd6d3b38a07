import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { writeBareTrades } from './bare-trades.ts';
import { type ForecastRow, type Replayed, replayed } from './replayed.ts';
import { tickBaselines } from './tick-baselines.ts';
import { coverageError, crps, mean } from './tick-scores.ts';

const HORIZONS = [1, 10, 100];
const FILES = ['usdm_btcusdt', 'usdm_ethusdt', 'spot_btcusdt', 'spot_ethusdt', 'cm_btcusd_perp'];

export interface TicksResult {
  readonly horizon: number;
  readonly skillEwmaGaussian: number;
  readonly skillBestOfThree: number;
  readonly coverageError: number;
  /** Mean absolute error of the median over that of the last value. */
  readonly maeRatio: number;
}

export interface TicksCase {
  readonly name: string;
  readonly events: 'trades' | 'quotes';
  /** Whether the input has best bid and ask, and with them quotes. */
  readonly hasBook: boolean;
}

export const TICK_CASES: readonly TicksCase[] = [
  { name: 'trades', events: 'trades', hasBook: true },
  { name: 'bare-trades', events: 'trades', hasBook: false },
  { name: 'quotes', events: 'quotes', hasBook: true },
];

export interface TicksRun {
  readonly seed: number;
  /** Settings that differ from the defaults. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The five tapes through one replay; each symbol's scores first, then the mean over symbols. */
export async function runTicks(
  datasets: string,
  { events, hasBook }: TicksCase,
  { seed, environment }: TicksRun,
): Promise<{ readonly results: readonly TicksResult[]; readonly seconds: number }> {
  const recorded = join(datasets, 'ticks');
  const scratch = await mkdtemp(join(tmpdir(), 'foretick-ticks-'));
  try {
    if (!hasBook) await writeBareTrades(recorded, scratch);
    const input = ['--input', hasBook ? recorded : scratch, '--symbol-from', 'file'];
    const model = ['--horizons', HORIZONS.join(), '--warm-up', '25%', '--seed', `${seed}`];
    const flags = [...input, '--layout', 'ticks', '--events', events, ...model];
    return await replayed(
      flags,
      async (run) => ({ results: await resultsOf(run), seconds: run.seconds }),
      { environment },
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function resultsOf({ rowsOf }: Replayed): Promise<readonly TicksResult[]> {
  const bySymbol: TicksResult[][] = [];
  for (const file of FILES) {
    const rows = await rowsOf(`${file}_20240808`);
    bySymbol.push(HORIZONS.map((horizon) => scoresOf(rows, horizon)));
  }
  return HORIZONS.map((horizon, k) => {
    const over = (pick: (result: TicksResult) => number) => mean(bySymbol.map((r) => pick(r[k])));
    return {
      horizon,
      skillEwmaGaussian: over((r) => r.skillEwmaGaussian),
      skillBestOfThree: over((r) => r.skillBestOfThree),
      coverageError: over((r) => r.coverageError),
      maeRatio: over((r) => r.maeRatio),
    };
  });
}

function scoresOf(rows: readonly ForecastRow[], horizon: number): TicksResult {
  const values = rows.map((row) => 1e4 * Math.log(Number(row['origin_value'])));
  const first = rows.findIndex((row) => row['warming'] === false);
  const scored = rows.slice(first, rows.length - horizon);
  const happened = scored.map((_, k) => values[first + k + horizon] - values[first + k]);
  const stated = scored.map((row) => offsetsOf(row, horizon));
  const baselines = Object.values(tickBaselines({ values, first, horizon })).map((quantiles) =>
    mean(happened.map((change, k) => crps(quantiles[first + k], change))),
  );
  const own = mean(happened.map((change, k) => crps(stated[k], change)));
  const middle = TICK_LEVELS.length >> 1;
  const error = mean(happened.map((change, k) => Math.abs(change - stated[k][middle])));
  return {
    horizon,
    skillEwmaGaussian: 1 - own / baselines[0],
    skillBestOfThree: 1 - own / Math.min(...baselines),
    coverageError: coverageError(stated, happened),
    maeRatio: error / mean(happened.map(Math.abs)),
  };
}

export function offsetsOf(row: ForecastRow, horizon: number): readonly number[] {
  const origin = Number(row['origin_value']);
  return TICK_LEVELS.map((level) => 1e4 * Math.log(Number(row[`h${horizon}_q${level}`]) / origin));
}
