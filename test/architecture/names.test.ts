import { expect, test } from 'vitest';
import { exportsOf, nameProblems } from './name-rules.ts';
import { planted, sourceFiles } from './source-files.ts';

const files = sourceFiles('{shared,services,test,infra,docs}/**/*.ts');

test('there are files and exports to judge', () => {
  expect(files.size).toBeGreaterThan(80);
  const count = [...files.values()].reduce((sum, text) => sum + exportsOf(text).length, 0);
  expect(count).toBeGreaterThan(150);
});

test('no file and no export has a name that says nothing', () => {
  expect(nameProblems(files)).toEqual([]);
});

test.each([
  ['shared/log/log-utils.ts', '', 'says "utils"'],
  ['shared/log/index.ts', '', 'is a barrel'],
  ['services/predict/tick-handler.ts', '', 'says "handler"'],
  ['services/predict/planted.ts', 'export class ForecastManager {}', 'says "manager"'],
  ['services/predict/planted.ts', 'export async function loadTickData() {}', 'says "data"'],
  ['services/predict/planted.ts', 'export interface ITick {}', 'has an I before it'],
  ['services/predict/planted.ts', 'export const BASE_SIZE = 1;', 'says "base"'],
])('%s with %j is caught', (path, text, caught) => {
  expect(nameProblems(planted(files, { [path]: text })).join('\n')).toContain(caught);
});

test('a word that only begins like a banned one is fine', () => {
  const fine = {
    'shared/log/planted.ts': 'export const database = 1; export class Information {}',
  };
  expect(nameProblems(planted(files, fine)).join()).not.toContain('planted');
});
