import type { RecordedTape } from '../recorded-tape.ts';
import { timeByPart } from '../time-by-part.ts';
import { type FoldCase, foldOf, settingsOf } from './fold-case.ts';
import { SERIES_PARTS, TICK_PARTS } from './fold-parts.ts';

/** As a batch of the log has at most. */
const BATCH_TICKS = 1000;
/** Each makes forecasts of many symbols and horizons. */
const BATCH_ROWS = 100;
const QUOTE = 2;
const EVERY_STEP = Array.from({ length: 48 }, (_, k) => k + 1).join();

export interface FoldResult {
  readonly what: string;
  readonly tickCount: number;
  readonly forecastCount: number;
  /** Of the fastest pass; time of the processor, so that a shared machine disturbs it less. */
  readonly nsPerTick: number;
  /** Share of the time of a part. */
  readonly shares: ReadonlyMap<string, number>;
}

/** Recorded ticks as they come, and trades alone, each of which is forecast. */
export function tickCases({ begin, ticks }: RecordedTape): readonly FoldCase[] {
  const trades = ticks.filter((record) => record[1] !== QUOTE);
  const same = { settings: settingsOf({}), parts: TICK_PARTS, batchRecords: BATCH_TICKS };
  return [
    { ...same, what: 'all ticks', records: [begin, ...ticks] },
    { ...same, what: 'trades alone', records: [begin, ...trades] },
  ];
}

/** Rows of regular series, forecast at 48 horizons. */
export function seriesCases({ begin, ticks }: RecordedTape): readonly FoldCase[] {
  const settings = settingsOf({
    FORETICK_MEASURE: 'value',
    FORETICK_SEASON_TICKS: '96',
    FORETICK_HORIZONS: EVERY_STEP,
  });
  const records = [begin, ...ticks];
  return [{ what: 'series', settings, parts: SERIES_PARTS, records, batchRecords: BATCH_ROWS }];
}

export async function runFold(
  cases: readonly FoldCase[],
  passes: number,
): Promise<readonly FoldResult[]> {
  const results = [];
  for (const one of cases) results.push(await foldResult(one, passes));
  return results;
}

async function foldResult(one: FoldCase, passes: number): Promise<FoldResult> {
  const foldOnce = foldOf(one);
  let fastest = Number.POSITIVE_INFINITY;
  let counts = foldOnce();
  for (let pass = 0; pass < passes; pass += 1) {
    const from = processorMicros();
    counts = foldOnce();
    fastest = Math.min(fastest, processorMicros() - from);
  }
  const sums = await timeByPart(one.parts, () => {
    for (let pass = 0; pass < passes; pass += 1) foldOnce();
  });
  const whole = [...sums.values()].reduce((sum, ns) => sum + ns, 0);
  const shares = new Map([...sums].map(([name, ns]) => [name, ns / whole]));
  const { what } = one;
  return { what, ...counts, nsPerTick: (fastest * 1e3) / counts.tickCount, shares };
}

function processorMicros(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** Lines of markdown: nanoseconds per tick by part, tapes side by side. */
export function foldLines(results: readonly FoldResult[]): string[] {
  const cell = (ns: number, share: number) => `${ns.toFixed(0)} | ${(100 * share).toFixed(0)} %`;
  const heads = results.map(({ what }) => `${what}: ns per tick | share`);
  const parts = [...results[0].shares.keys()].map((part) => {
    const cells = results.map(({ nsPerTick, shares }) => {
      const share = shares.get(part) ?? 0;
      return cell(nsPerTick * share, share);
    });
    return `| ${[part, ...cells].join(' | ')} |`;
  });
  const wholes = results.map(({ nsPerTick }) => cell(nsPerTick, 1));
  return [
    `| | ${heads.join(' | ')} |`,
    `|---${'|---|---'.repeat(results.length)}|`,
    ...parts,
    `| **whole** | ${wholes.join(' | ')} |`,
    '',
    ...results.map(rateLine),
  ];
}

function rateLine({ what, tickCount, forecastCount, nsPerTick }: FoldResult): string {
  const perSecond = (count: number) =>
    Math.round((count / (tickCount * nsPerTick)) * 1e9).toLocaleString('en');
  const counts = `${tickCount.toLocaleString('en')} ticks, ${forecastCount.toLocaleString('en')} forecasts`;
  return `- ${what}: ${counts}; ${perSecond(tickCount)} ticks/s, ${perSecond(forecastCount)} forecasts/s on one core`;
}
