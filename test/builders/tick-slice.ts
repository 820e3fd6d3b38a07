import { createReadStream, existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { TestContext } from 'vitest';
import { aFolder } from './a-folder.ts';

/** The five recorded tick files. */
export const TICKS = resolve(process.env['FORETICK_DATASETS'] ?? '../shared/data', 'ticks');

export function needsTicks(context: TestContext): void {
  if (!existsSync(TICKS)) context.skip(`recorded ticks were not at ${TICKS} (FORETICK_DATASETS)`);
}

/** A folder with the first rows of each recorded tick file, under its name, gone when the test has ended. */
export async function aTickSlice(rowsPerFile: number): Promise<string> {
  const names = (await readdir(TICKS)).filter((name) => name.endsWith('.csv.gz'));
  const texts = await Promise.all(names.map((name) => firstLines(name, rowsPerFile + 1)));
  return aFolder(Object.fromEntries(names.map((name, k) => [name, texts[k]])));
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
