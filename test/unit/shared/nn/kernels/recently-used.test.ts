import { expect, test } from 'vitest';
import { RecentlyUsed } from '#shared/nn/kernels/recently-used.ts';

test('what was asked for of late is not made again, what four others have pushed out is', () => {
  const made: string[] = [];
  const kept = new RecentlyUsed<string>();
  const ask = (key: string) =>
    kept.get(key, () => {
      made.push(key);
      return key.toUpperCase();
    });
  for (const key of 'abcd') expect(ask(key)).toBe(key.toUpperCase());
  ask('a');
  ask('e');
  expect(made.join('')).toBe('abcde');
  ask('a');
  expect(made.join('')).toBe('abcde');
  ask('b');
  expect(made.join('')).toBe('abcdeb');
});
