import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';

export type ForecastRow = Readonly<Record<string, number | string | boolean | bigint>>;

export interface Replayed {
  readonly seconds: number;
  /** Forecasts of one symbol by rising origin, wide columns. */
  readonly rowsOf: (symbol: string) => Promise<readonly ForecastRow[]>;
  /** Folder of the log that was recorded; there is one where the flags had `--keep`. */
  readonly recording: () => Promise<string>;
}

/**
 * Runs `foretick replay` with these flags in a process and a folder of its own, hands the result to `use`, and removes it all.
 *
 * @param nodeFlags of Node itself
 */
export async function replayed<T>(
  flags: readonly string[],
  use: (replayed: Replayed) => Promise<T>,
  nodeFlags: readonly string[] = [],
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'foretick-accuracy-'));
  try {
    const path = join(folder, 'forecasts.parquet');
    const started = performance.now();
    await replay(folder, nodeFlags, [...flags, '--shape', 'wide', '--forecasts', path]);
    const seconds = (performance.now() - started) / 1000;
    const file = await asyncBufferFromFile(path);
    const rowsOf = async (symbol: string): Promise<readonly ForecastRow[]> => {
      const rows = await parquetReadObjects({ file, filter: { symbol: { $eq: symbol } } });
      return (rows as ForecastRow[]).sort((a, b) => Number(a['origin']) - Number(b['origin']));
    };
    const recording = async (): Promise<string> => {
      const works = join(folder, 'replay');
      const [work] = await readdir(works);
      return join(works, work, 'log');
    };
    return await use({ seconds, rowsOf, recording });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function replay(
  folder: string,
  nodeFlags: readonly string[],
  flags: readonly string[],
): Promise<void> {
  const main = join(import.meta.dirname, '../../../services/cli/main.ts');
  const child = spawn(process.execPath, [...nodeFlags, main, 'replay', ...flags], {
    env: { ...process.env, FORETICK_DATA_DIR: folder },
    // What it tells is for people, and would stand among the lines of the report.
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let trouble = '';
  child.stderr.on('data', (part: Buffer) => {
    trouble = `${trouble}${part.toString()}`.slice(-2000);
  });
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => {
      if (code === 0) done();
      else failed(new Error(`replay ended with ${code}: ${trouble}`));
    });
  });
}
