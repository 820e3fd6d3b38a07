import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import type { ReplaySummary } from '#services/replay/replay-summary.ts';

export type ForecastRow = Readonly<Record<string, number | string | boolean | bigint>>;

export interface Replayed {
  readonly seconds: number;
  /** Forecasts of one symbol by rising origin, wide columns. */
  readonly rowsOf: (symbol: string) => Promise<readonly ForecastRow[]>;
  readonly summary: ReplaySummary;
}

/** Whole files of many symbols would take gigabytes as objects. */
const ROWS_AT_ONCE = 32_768;

/** What differs from a plain replay. */
export interface How {
  /** Flags of Node itself. */
  readonly nodeFlags?: readonly string[];
  /** Settings other than the defaults. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs `foretick replay` with these flags in a process and a folder of its own, hands the result to `use`, and removes it all. */
export async function replayed<T>(
  flags: readonly string[],
  use: (replayed: Replayed) => Promise<T>,
  how: How = {},
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'foretick-accuracy-'));
  try {
    const path = join(folder, 'forecasts.parquet');
    const started = performance.now();
    const output = ['--shape', 'wide', '--forecasts', path, '--json'];
    const told = await replay(folder, [...flags, ...output], how);
    const seconds = (performance.now() - started) / 1000;
    const file = await asyncBufferFromFile(path);
    const rowCount = Number((await parquetMetadataAsync(file)).num_rows);
    const rowsOf = async (symbol: string): Promise<readonly ForecastRow[]> => {
      const filter = { symbol: { $eq: symbol } };
      const rows: ForecastRow[] = [];
      for (let rowStart = 0; rowStart < rowCount; rowStart += ROWS_AT_ONCE) {
        const rowEnd = Math.min(rowStart + ROWS_AT_ONCE, rowCount);
        const read = await parquetReadObjects({ file, filter, rowStart, rowEnd });
        rows.push(...(read as ForecastRow[]));
      }
      return rows.sort((a, b) => Number(a['origin']) - Number(b['origin']));
    };
    return await use({ seconds, rowsOf, summary: JSON.parse(told) as ReplaySummary });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function replay(
  folder: string,
  flags: readonly string[],
  { nodeFlags = [], environment = {} }: How,
): Promise<string> {
  const main = join(import.meta.dirname, '../../../services/cli/main.ts');
  const child = spawn(process.execPath, [...nodeFlags, main, 'replay', ...flags], {
    env: { ...process.env, ...environment, FORETICK_DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    told += part;
  });
  let trouble = '';
  child.stderr.on('data', (part: Buffer) => {
    trouble = `${trouble}${part.toString()}`.slice(-2000);
  });
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => {
      if (code === 0) done(told);
      else failed(new Error(`replay ended with ${code}: ${trouble}`));
    });
  });
}
