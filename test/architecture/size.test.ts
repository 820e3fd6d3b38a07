import { expect, test } from 'vitest';
import { type Exceptions, SOURCE_LINES, sizeProblems, TEST_LINES } from './size-rules.ts';
import { planted, sourceFiles } from './source-files.ts';

const files = sourceFiles('{shared,services,test,infra,docs}/**/*.ts');

const EXCEPTIONS: Exceptions = {};

test('there are files to measure', () => {
  expect(files.size).toBeGreaterThan(80);
});

test('no file is longer than a reader can hold', () => {
  expect(sizeProblems(files, EXCEPTIONS)).toEqual([]);
});

const long = (lines: number) => 'const x = 1;\n'.repeat(lines);

test('a long file is caught, one at the limit is not', () => {
  const problems = sizeProblems(
    planted(files, {
      'shared/nn/planted-long.ts': long(SOURCE_LINES + 1),
      'shared/nn/planted-full.ts': long(SOURCE_LINES),
      'test/unit/planted-long.test.ts': long(TEST_LINES + 1),
      'test/unit/planted-full.test.ts': long(TEST_LINES),
    }),
    EXCEPTIONS,
  );
  expect(problems.filter((problem) => problem.includes('planted'))).toEqual([
    'shared/nn/planted-long.ts: 251 lines, at most 250',
    'test/unit/planted-long.test.ts: 401 lines, at most 400',
  ]);
});

test('an exception lets a long file pass, and is caught when it is no longer needed', () => {
  const exceptions = { 'shared/nn/planted.ts': 'a table' };
  const of = (lines: number) => new Map([['shared/nn/planted.ts', long(lines)]]);
  expect(sizeProblems(of(300), exceptions)).toEqual([]);
  expect(sizeProblems(of(30), exceptions)).toEqual(['shared/nn/planted.ts: needs no exception']);
});
