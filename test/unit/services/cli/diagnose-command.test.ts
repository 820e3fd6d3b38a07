import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Diagnosis, Examined } from '#services/diagnose/diagnosis.ts';
import { aFolder } from '#test/builders/a-folder.ts';
import { heardCommand } from '#test/builders/heard-command.ts';

async function diagnosed(args: string): Promise<Diagnosis> {
  const { code, out, err } = await heardCommand(`diagnose --json ${args}`);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as Diagnosis;
}

const cellOf = ({ cells }: Diagnosis, role: string, cell?: string): Examined =>
  cells.find((one) => one.role === role && (cell ?? one.cell) === one.cell) as Examined;

test('over 100 steps gradients vanish in small networks, explode in large ones, are clipped, and survive in LSTM and GRU', async () => {
  const found = await diagnosed('--no-svg --updates 2');
  const at100 = (one: Examined) => one.before.reach[100] as number;
  expect(at100(cellOf(found, 'vanishing'))).toBeLessThan(1e-6);
  expect(at100(cellOf(found, 'exploding'))).toBeGreaterThan(1e6);
  expect(at100(cellOf(found, 'surviving', 'lstm'))).toBeGreaterThan(1e-2);
  expect(at100(cellOf(found, 'surviving', 'gru'))).toBeGreaterThan(1e-2);
  expect(cellOf(found, 'exploding').training).toMatchObject({ updates: 2, clippedUpdates: 0 });
  expect(cellOf(found, 'clipped').training).toMatchObject({ updates: 2, clippedUpdates: 2 });
  expect(found.facts.map(({ holds }) => holds)).toEqual([true, true, true, true, true]);
});

test('radius and time constants are those that the cells were given', async () => {
  const found = await diagnosed('--no-svg --updates 0 --hidden 16');
  // Along a trajectory tanh saturates, so the radius is below that of the matrix.
  expect(cellOf(found, 'vanishing').before.spectralRadius).toBeGreaterThan(0.6);
  expect(cellOf(found, 'vanishing').before.spectralRadius).toBeLessThan(0.8);
  expect(cellOf(found, 'exploding').before.spectralRadius).toBeGreaterThan(1);
  expect(cellOf(found, 'vanishing').before.forgetSteps).toBeNull();
  for (const cell of ['lstm', 'gru']) {
    const median = cellOf(found, 'surviving', cell).before.forgetSteps?.median as number;
    expect(Math.abs(median - 100)).toBeLessThan(20);
  }
  // 256 steps as 1 / (1 - mu): -1 / ln mu is half a step less.
  expect(cellOf(found, 'decaying').before.forgetSteps?.largest).toBeCloseTo(255.5, 1);
});

test('the GRU learns to guard a symbol over 30 steps; the trace reaches as far but cannot, as it has no gate', async () => {
  const flags = '--no-svg --lag 30 --hidden 12 --updates 250';
  const [gru] = (await diagnosed(`${flags} --cell gru`)).cells;
  expect(gru?.before.accuracy).toBeLessThan(0.5);
  expect(gru?.after.accuracy).toBeGreaterThan(0.9);
  const [trace] = (await diagnosed(`${flags} --cell trace`)).cells;
  expect(trace?.after.reach[30]).toBeGreaterThan(0.1);
  expect(trace?.after.accuracy).toBeLessThan(0.6);
});

test('the same arguments give the same numbers and the same picture; another seed gives others', async () => {
  const folder = await aFolder({});
  const svg = (name: string) => join(folder, `${name}.svg`);
  const flags = '--lag 12 --hidden 4 --updates 3 --svg';
  const first = await diagnosed(`${flags} ${svg('a')}`);
  expect(await diagnosed(`${flags} ${svg('b')}`)).toEqual(first);
  expect((await diagnosed(`${flags} ${svg('c')} --seed 2`)).cells).not.toEqual(first.cells);
  const [a, b] = await Promise.all([readFile(svg('a'), 'utf8'), readFile(svg('b'), 'utf8')]);
  expect(a).toBe(b);
  expect(a).not.toMatch(/NaN|Infinity|undefined/);
  // Two panels and a legend: three strokes for each of the six.
  expect(a.match(/stroke-width="2"/g)?.length).toBe(3 * first.cells.length);
  for (const { name } of first.cells) expect(a).toContain(`${name}: `);
});

test('without --json a table is printed, with a line for each cell', async () => {
  const { code, out } = await heardCommand(
    'diagnose --no-svg --lag 5 --hidden 3 --updates 1 --cell lstm',
  );
  expect(code).toBe(0);
  expect(out).toMatch(/^ {2}lstm( +\d\.\de-\d){3}/m);
  expect(out).toMatch(/c1 \S+; input1 \S+ forget1 \S+, candidate1/);
  expect(out).not.toContain('picture');
});

test.each([
  ['--lag 0', 'DIAGNOSE_ARGUMENT a lag is a whole number from 2 to 10000'],
  ['--hidden many', 'DIAGNOSE_ARGUMENT a hidden size is a whole number'],
  ['--updates -1', 'DIAGNOSE_ARGUMENT the number of updates'],
  ['--seed 4294967296', 'DIAGNOSE_ARGUMENT a seed is a whole number'],
  ['--cell perceptron', 'Allowed choices are lstm, gru'],
  ['--svg /nowhere/x.svg', 'DIAGNOSE_ARGUMENT the picture must be a file that can be written'],
])('"diagnose %s" is misuse: %s', async (args, message) => {
  const { code, err } = await heardCommand(`diagnose ${args}`);
  expect(code).toBe(2);
  expect(err).toContain(message);
});
