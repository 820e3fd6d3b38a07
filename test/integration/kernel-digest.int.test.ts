import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, type TestContext, test } from 'vitest';
import { aFolder } from '#test/builders/a-folder.ts';
import { REACH_MS } from '#test/builders/eventually.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const program = resolve(root, 'test/builders/digest-of-kernel.ts');
const golden = JSON.parse(
  await readFile(resolve(root, 'test/golden/kernel-digests.json'), 'utf8'),
) as { readonly steps: string; readonly training: string };

interface Digests {
  readonly node: string;
  readonly steps: string;
  readonly training: string;
}

async function digests(node: string, flags: readonly string[], kernel = 'wasm'): Promise<Digests> {
  const { stdout } = await run(node, [...flags, program, '10000', '20', kernel], { cwd: root });
  return JSON.parse(stdout) as Digests;
}

test.each([
  [[]],
  [['--liftoff-only']],
  [['--no-liftoff']],
  [['--no-wasm-tier-up']],
  [['--no-enable-fma3']],
  [['--no-enable-avx']],
])('10,000 steps and 20 updates have the recorded digests under %j', async (flags) => {
  const { steps, training } = await digests(process.execPath, flags);
  expect({ steps, training }).toEqual({ steps: golden.steps, training: golden.training });
});

test('the fused kernel has the same digests in each of its tiers on one machine', async () => {
  const { steps, training } = await digests(process.execPath, [], 'wasm-fma');
  for (const flags of [['--liftoff-only'], ['--no-liftoff'], ['--no-wasm-tier-up']]) {
    const found = await digests(process.execPath, flags, 'wasm-fma');
    expect(found).toMatchObject({ steps, training });
  }
});

test.skipIf(process.arch !== 'x64')(
  "without the processor's fused instruction the fused kernel has the digests of wasm",
  async () => {
    const found = await digests(process.execPath, ['--no-enable-fma3'], 'wasm-fma');
    expect(found).toMatchObject({ steps: golden.steps, training: golden.training });
  },
);

test('Node 22 has the digests of Node 24, in each of its tiers', async (context) => {
  const node = await nodeTwentyTwo(context);
  for (const flags of [[], ['--liftoff-only'], ['--no-liftoff']]) {
    const found = await digests(node, flags);
    expect(found.node).toMatch(/^22\./);
    expect(found).toMatchObject({ steps: golden.steps, training: golden.training });
  }
  const { steps, training } = await digests(process.execPath, [], 'wasm-fma');
  expect(await digests(node, [], 'wasm-fma')).toMatchObject({ steps, training });
});

/** Node 22 from its npm package, in a folder that goes when the test is done. */
async function nodeTwentyTwo(context: TestContext): Promise<string> {
  const folder = await aFolder({});
  const args = ['install', '--no-audit', '--no-fund', '--no-save', '--prefix', folder, 'node@22'];
  try {
    await run('npm', args, { timeout: REACH_MS });
  } catch (error) {
    const [reason] = String((error as { stderr?: string }).stderr ?? error).split('\n');
    context.skip(`node@22 did not come from the package registry: ${reason}`);
  }
  return resolve(folder, 'node_modules/node/bin/node');
}
