import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip, gzipSync } from 'node:zlib';

/** The five recorded tick files. */
export const TICKS = resolve(process.env['FORETICK_DATASETS'] ?? '../shared/data', 'ticks');

/** Null where they are here. */
export function whyNoTicks(): string | null {
  return existsSync(TICKS) ? null : `recorded ticks were not at ${TICKS} (FORETICK_DATASETS)`;
}

/** Makes a folder with the first rows of each recorded tick file, under its name. */
export async function writeTickSlice(folder: string, rowsPerFile: number): Promise<void> {
  await mkdir(folder);
  for (const name of (await readdir(TICKS)).filter((one) => one.endsWith('.csv.gz'))) {
    await writeFile(join(folder, name), gzipSync(await firstLines(name, rowsPerFile + 1)));
  }
}

async function firstLines(name: string, count: number): Promise<string> {
  const input = createReadStream(join(TICKS, name)).pipe(createGunzip());
  const lines: string[] = [];
  for await (const line of createInterface({ input })) {
    lines.push(line);
    if (lines.length === count) break;
  }
  input.destroy();
  return `${lines.join('\n')}\n`;
}
