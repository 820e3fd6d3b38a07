import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder } from '#test/builders/a-folder.ts';
import { wideFile } from '#test/builders/wide-file.ts';

const CLI = resolve(import.meta.dirname, '../../services/cli/main.ts');
const COLUMNS = Array.from({ length: 12 }, (_, k) => `c${k}`);

/** What a reader in a pipe got of `foretick replay --json`, whose summary is larger than a pipe holds. */
async function read(reader: string): Promise<{ out: string; err: string; code: number | null }> {
  const cell = (row: number, column: number): number => 100 + ((row * (column + 3)) % 17);
  const folder = await aFolder({ 'wide.csv': wideFile(COLUMNS, 90, cell) });
  const args = `--input wide.csv --layout wide --measure value --horizons 1..48 --warm-up 10 --no-train --json`;
  const script = `{ "$@" || echo "ended with $?" >&2; } | ${reader}`;
  const command = ['-c', script, 'sh', process.execPath, CLI, 'replay', ...args.split(' ')];
  const { PATH } = process.env;
  const env = { PATH, FORETICK_DATA_DIR: folder };
  const child = spawn('sh', command, { cwd: folder, env });
  const texts = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    texts.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    texts.err += chunk;
  });
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { ...texts, code };
}

test('a summary that is larger than a pipe reaches a slow reader whole', async () => {
  // Nothing is taken out of the pipe before the first line stands in it.
  const { out, err } = await read('{ read -r first; printf "%s" "$first"; cat; }');
  expect(out.length).toBeGreaterThan(100_000);
  const { scores } = JSON.parse(out);
  expect(scores.symbols).toHaveLength(COLUMNS.length);
  expect(err).not.toContain('ended with');
});

test('a reader that wants only the first line is no fault of the command', async () => {
  const { out, err } = await read('head -n 1');
  expect(out).toBe('{\n');
  expect(err).not.toContain('EPIPE');
  expect(err).not.toContain('ended with');
});
