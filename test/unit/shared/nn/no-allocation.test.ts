import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { CELL_KINDS, type CellKind } from '#shared/nn/cells/cell-kinds.ts';

const PROGRAM = resolve(import.meta.dirname, '../../../builders/walk-a-million-steps.ts');
const YOUNG = ['--min-semi-space-size=64', '--max-semi-space-size=64'];
const HIDDEN = 3;

/** Exponentials in a step of each unit. */
const ACTIVATIONS: Readonly<Record<CellKind, number>> = {
  ...{ lstm: 5, gru: 3, rnn: 1, 'rnn-relu': 0, trace: 2 },
};

test('a million steps leave the heap as it was, and a step makes no object', async () => {
  const args = ['--expose-gc', ...YOUNG, PROGRAM, '1000000'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const found = JSON.parse(stdout) as Record<string, { grown: number; garbagePerStep: number }>;
  expect(Object.keys(found)).toEqual([...CELL_KINDS, 'network', 'wasm network']);
  for (const [name, { grown }] of Object.entries(found)) {
    expect(grown, name).toBeLessThan(100_000);
  }
  for (const kind of CELL_KINDS) {
    // V8 may box argument and result of an activation, 16 bytes each, as it inlines; the least array has over 100.
    const boxed = 32 * ACTIVATIONS[kind] * HIDDEN;
    expect(found[kind]?.garbagePerStep, kind).toBeLessThan(boxed + 64);
  }
  // Its exponentials are in the module: nothing is left to box.
  expect(found['wasm network']?.garbagePerStep).toBeLessThan(16);
});
