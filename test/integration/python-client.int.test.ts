import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PYTHON = process.env['FORETICK_PYTHON'] ?? 'python3';
const STEER = [process.execPath, '--expose-gc', join(ROOT, 'test/builders/serve-process.ts')];

const has = (await runPython(['-c', 'import websockets, pandas'])).code === 0;
const REASON = 'no Python with websockets and pandas; FORETICK_PYTHON names one';
if (!has && process.env['CI'] !== undefined) throw new Error(`CI must test the client: ${REASON}`);

describe.skipIf(!has)(`a Python client${has ? '' : ` (${REASON})`}`, () => {
  test.each([
    ['that was written from docs/protocol.md alone agrees with the gateway', 'protocol.py', 40],
    ['of ours reads every forecast once, over restarts and renewals', 'client.py', 10],
  ])(
    '%s',
    async (_name, script, least) => {
      const { code, lines } = await runPython([join(ROOT, 'test/conformance', script), ...STEER]);
      expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
      expect(lines.length).toBeGreaterThanOrEqual(least);
      expect(code).toBe(0);
    },
    1_800_000,
  );
});

async function runPython(words: readonly string[]) {
  const env = { ...process.env, PYTHONPATH: join(ROOT, 'shared/client/python') };
  const child = spawn(PYTHON, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part) => {
      text += part;
    });
  }
  const [code] = (await once(child, 'close').catch(() => [null])) as [number | null];
  return { code, lines: text.split('\n').filter((line) => line !== '') };
}
