import { expect, test } from 'vitest';
import { planted, sourceFiles } from './source-files.ts';

const files = sourceFiles('test/**/*.ts');
const HOME = 'test/builders/eventually.ts';
/** Their own deadline is a second: a busy machine takes longer. */
const HASTY = /\bvi\s*\.waitFor\(|\bexpect\s*\.poll\(/;

function hasty(all: ReadonlyMap<string, string>): string[] {
  const isTest = (name: string) =>
    name.startsWith('test/') && !name.startsWith('test/architecture');
  return [...all]
    .filter(([name, text]) => isTest(name) && name !== HOME && HASTY.test(text))
    .map(([name]) => name);
}

test('tests wait for facts with `eventually` and `Heard`, whose deadlines no machine is too slow for', () => {
  expect(files.size).toBeGreaterThan(100);
  expect(hasty(files)).toEqual([]);
});

test('a hasty wait is caught', () => {
  const made = planted(files, {
    'test/unit/planted-one.test.ts': 'await vi.waitFor(() => expect(a).toBe(1));',
    'test/unit/planted-two.test.ts': 'await expect\n  .poll(look).toBe(1);',
    'test/unit/planted-three.test.ts': 'await eventually(() => expect(a).toBe(1));',
  });
  expect(hasty(made)).toEqual(['test/unit/planted-one.test.ts', 'test/unit/planted-two.test.ts']);
});
