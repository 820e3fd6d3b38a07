import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { aFolder } from '#test/builders/a-folder.ts';
import { replayed, USUAL_TRAINING } from '#test/builders/a-replay.ts';
import { TICKS, whyNoTicks } from '#test/builders/tick-slice.ts';

const README = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');
const missing = whyNoTicks();
const skipped = missing === null ? '' : ` (skipped: ${missing})`;

interface MeanScore {
  readonly horizonTicks: number;
  readonly count: number;
  readonly skillEwmaGaussian: number;
  readonly skillLastValue: number;
  readonly coverage: readonly number[];
}

interface Summary {
  readonly digest: string;
  readonly tickCount: number;
  readonly forecastCount: number;
  readonly switchCount: number;
  readonly refusedCount: number;
  readonly scores: { readonly symbols: readonly unknown[]; readonly mean: readonly MeanScore[] };
}

async function replay<T = Summary>(folder: string, args: string): Promise<T> {
  const command = `${args} --symbol-from file --horizons 1,10,100`;
  return (await replayed(folder, command, USUAL_TRAINING)) as T;
}

test.skipIf(missing !== null)(
  `all five recorded files together: a sorted forecast for every trade, and the scores that the README shows${skipped}`,
  async () => {
    const folder = await aFolder({});
    const path = join(folder, 'out.parquet');
    const summary = await replay(folder, `--input ${TICKS} --forecasts ${path}`);
    expect(summary.scores.symbols).toHaveLength(5);
    const { tickCount, forecastCount, switchCount, refusedCount } = summary;
    expect([tickCount, forecastCount]).toEqual([244_872, 53_538]);
    expect(README).toContain(`${grouped(tickCount)} ticks, ${grouped(forecastCount)} trades`);
    expect(README).toContain(`${switchCount} retrains and ${refusedCount || 'none'} refused`);
    for (const mean of summary.scores.mean) expect(README).toContain(readmeRow(mean));
    const file = await asyncBufferFromFile(path);
    expect(Number((await parquetMetadataAsync(file)).num_rows)).toBe(53_538);
    const rows = await parquetReadObjects({ file, rowStart: 50_000 });
    for (const row of rows) {
      const quantiles = Object.entries(row).filter(([name]) => name.startsWith('h10_q'));
      const values = quantiles.map(([, value]) => value as number);
      expect(values.every((value, k) => k === 0 || value >= values[k - 1])).toBe(true);
    }
  },
);

test.skipIf(missing !== null)(
  `on recorded ticks no forecast changes with its future, and twice the same replay is the same digest${skipped}`,
  async () => {
    const folder = await aFolder({});
    const input = `--input ${join(TICKS, 'cm_btcusd_perp_20240808.csv.gz')}`;
    const check = await replay<{
      lookAhead: readonly { equalCount: number; switchesBefore: number }[];
    }>(folder, `${input} --check look-ahead`);
    expect(check.lookAhead[0].equalCount).toBeGreaterThan(500);
    expect(check.lookAhead[0].switchesBefore).toBeGreaterThan(0);
    const [one, two] = [await replay(folder, input), await replay(folder, input)];
    expect(two.digest).toBe(one.digest);
  },
);

function readmeRow(mean: MeanScore): string {
  const { horizonTicks, count, skillEwmaGaussian, skillLastValue, coverage } = mean;
  const skills = [skillEwmaGaussian, skillLastValue].map((skill) => signed(skill));
  const shares = coverage.map((share) => `${(100 * share).toFixed(1)} %`);
  const horizon = horizonTicks === 1 ? '1 trade' : `${horizonTicks} trades`;
  return `| ${[horizon, grouped(count), ...skills, ...shares].join(' | ')} |`;
}

function signed(skill: number): string {
  return `${skill < 0 ? '' : '+'}${skill.toFixed(3)}`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-GB');
}
