import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { sourceFiles } from './source-files.ts';

const CODE = /\bcode = '([A-Z_]+)'/g;
const operations = readFileSync(resolve(import.meta.dirname, '../../docs/operations.md'), 'utf8');
const codes = [...sourceFiles('{shared,services}/**/*.ts').values()].flatMap((text) =>
  [...text.matchAll(CODE)].map(([, code]) => code),
);

test('there are error codes', () => expect(codes.length).toBeGreaterThan(25));

test('no code stands for two errors', () => {
  expect(codes.filter((code, k) => codes.indexOf(code) !== k)).toEqual([]);
});

test('docs/operations.md says of every error what to do', () => {
  expect(codes.filter((code) => !operations.includes(`\`${code}\``))).toEqual([]);
});

test('docs/operations.md tells of no error that is none', () => {
  const told = [...operations.matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, code]) => code);
  const known = (code: string) => codes.includes(code) || code.startsWith('FORETICK_');
  expect(told.filter((code) => !known(code))).toEqual([]);
});
