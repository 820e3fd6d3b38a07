import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { expect, type TestContext, test } from 'vitest';
import { aFolder } from '#test/builders/a-folder.ts';

const CLI = resolve(import.meta.dirname, '../../services/cli/main.ts');
const TICKS = resolve(process.env['FORETICK_DATASETS'] ?? '../shared/data', 'ticks');

function needsTicks(context: TestContext): void {
  if (!existsSync(TICKS)) context.skip(`recorded ticks were not at ${TICKS} (FORETICK_DATASETS)`);
}

interface Summary {
  readonly digest: string;
  readonly tickCount: number;
  readonly forecastCount: number;
  readonly switchCount: number;
  readonly scores: {
    readonly symbols: readonly unknown[];
    readonly mean: readonly { readonly horizonTicks: number; readonly skillEwmaGaussian: number }[];
  };
}

/** `foretick replay` as a process of its own. */
function replay<T>(folder: string, ...args: readonly string[]): Promise<T> {
  const common = ['--symbol-from', 'file', '--horizons', '1,10,100', '--json'];
  const child = spawn(process.execPath, [CLI, 'replay', ...args, ...common], {
    env: { PATH: process.env['PATH'], FORETICK_DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    texts.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    texts.err += chunk;
  });
  return new Promise((done, failed) => {
    child.once('close', (code) => {
      if (code === 0) done(JSON.parse(texts.out) as T);
      else failed(new Error(`replay ended with ${code}: ${texts.err}`));
    });
  });
}

test('all five recorded files together: a sorted forecast for every trade, many retrains, skill over the EWMA-Gaussian', async (context) => {
  needsTicks(context);
  const folder = await aFolder({});
  const path = join(folder, 'out.parquet');
  const summary = await replay<Summary>(folder, '--input', TICKS, '--forecasts', path);
  expect(summary.scores.symbols).toHaveLength(5);
  expect(summary.tickCount).toBe(244_872);
  expect(summary.forecastCount).toBe(53_538);
  expect(summary.switchCount).toBeGreaterThan(50);
  for (const { skillEwmaGaussian } of summary.scores.mean.slice(0, 2)) {
    expect(skillEwmaGaussian).toBeGreaterThan(0);
  }
  const file = await asyncBufferFromFile(path);
  expect(Number((await parquetMetadataAsync(file)).num_rows)).toBe(53_538);
  const rows = await parquetReadObjects({ file, rowStart: 50_000 });
  for (const row of rows) {
    const quantiles = Object.entries(row).filter(([name]) => name.startsWith('h10_q'));
    const values = quantiles.map(([, value]) => value as number);
    expect(values.every((value, k) => k === 0 || value >= values[k - 1])).toBe(true);
  }
});

test('on recorded ticks no forecast changes with its future, and twice the same replay is the same digest', async (context) => {
  needsTicks(context);
  const folder = await aFolder({});
  const input = join(TICKS, 'cm_btcusd_perp_20240808.csv.gz');
  const check = await replay<{
    lookAhead: readonly { equalCount: number; switchesBefore: number }[];
  }>(folder, ...['--input', input, '--check', 'look-ahead']);
  expect(check.lookAhead[0].equalCount).toBeGreaterThan(500);
  expect(check.lookAhead[0].switchesBefore).toBeGreaterThan(0);
  const [one, two] = [
    await replay<Summary>(folder, '--input', input),
    await replay<Summary>(folder, '--input', input),
  ];
  expect(two.digest).toBe(one.digest);
});
