import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { REACH_MS } from '#test/builders/eventually.ts';

const EXAMPLES = join(import.meta.dirname, '../../docs/examples');
/** The numbers of the last line that an example prints. */
async function resultOf(example: string): Promise<{ line: string; numbers: number[] }> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(EXAMPLES, example)], {
    timeout: REACH_MS,
  });
  const line = stdout.trim().split('\n').at(-1) as string;
  return { line, numbers: (line.match(/\d+\.\d+|\d+/g) ?? []).map(Number) };
}

test('one-to-one: a single step learns a curve', async () => {
  const { line, numbers } = await resultOf('09-curve.ts');
  expect(line).toMatch(/^root mean squared error at 500 points: /);
  expect(numbers[1]).toBeLessThan(0.05);
});

test('many-to-one: a GRU learns to add two marked numbers of fifty', async () => {
  const { line, numbers } = await resultOf('10-adding-problem.ts');
  expect(line).toMatch(/^mean squared error on 500 fresh sequences: /);
  expect(numbers[1]).toBeLessThan(0.01);
});

test('one-to-many: a GRU fed its own words keeps to the circle for five times as long as trained', async () => {
  const { line, numbers } = await resultOf('11-sine-roll-out.ts');
  expect(line).toMatch(/^root mean squared error: first turn /);
  expect(numbers[0]).toBeLessThan(0.1);
  expect(numbers[1]).toBeLessThan(0.1);
});

test('many-to-many: an LSTM trained on 20 bits keeps their parity over 1000', async () => {
  const { line, numbers } = await resultOf('12-parity.ts');
  expect(line).toMatch(/^right over 1000 bits: /);
  expect(numbers[1]).toBeGreaterThan(99);
});

test('encoder-decoder: a pair of GRUs says eight letters backwards', async () => {
  const { line, numbers } = await resultOf('13-sequence-reversal.ts');
  expect(line).toMatch(/^right symbols in 200 fresh sequences: /);
  expect(numbers[1]).toBeGreaterThan(99);
});

test('an endless series: TBPTT(4, 12) learns what came six steps before, TBPTT(4, 4) does not', async () => {
  const { line, numbers } = await resultOf('14-endless-series.ts');
  expect(line).toMatch(/^mean squared error: TBPTT\(4, 12\) .*, TBPTT\(4, 4\) /);
  expect(numbers[2]).toBeLessThan(0.01);
  expect(numbers[5]).toBeGreaterThan(0.8);
});
