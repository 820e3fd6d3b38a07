import { describe, expect, test } from 'vitest';
import { bothFilters, symbolFilter } from '#services/serve/symbol-filter.ts';

describe('a pattern', () => {
  test.each([
    ['sim:*', 'sim:ALPHA', true],
    ['sim:*', 'sim:', true],
    ['sim:*', 'other:sim:A', false],
    ['*:ALPHA', 'sim:ALPHA', true],
    ['*:ALPHA', 'sim:ALPHA2', false],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['**', 'anything', true],
    ['exact', 'exact', true],
  ])('%s and %s: %s', (pattern, symbol, fits) => {
    expect(symbolFilter([pattern]).has(symbol)).toBe(fits);
  });

  test('of many stars takes no time to speak of', () => {
    const filter = symbolFilter([`${'a*'.repeat(31)}b`]);
    expect(filter.has('a'.repeat(64))).toBe(false);
  });
});

describe('what is both wanted and allowed', () => {
  test('is what both have', () => {
    const allowed = symbolFilter(['sim:*', 'x']);
    expect(bothFilters(symbolFilter(['*']), allowed).has('sim:A')).toBe(true);
    expect(bothFilters(symbolFilter(['*']), allowed).has('y')).toBe(false);
    expect([...(bothFilters(symbolFilter(['x', 'y']), allowed).names ?? [])]).toEqual(['x']);
    expect(bothFilters(symbolFilter(['s*']), symbolFilter(['*'])).key).toBe('s*');
  });

  test('has another key than what is wanted, so that no bytes are shared with those who may see more', () => {
    const [some, other] = [symbolFilter(['sim:*']), symbolFilter(['sim:A*'])];
    const keys = [some, other].map((allowed) => bothFilters(symbolFilter(['*:*']), allowed).key);
    expect(new Set([...keys, symbolFilter(['*:*']).key]).size).toBe(3);
  });

  test('has a key that no list of names has, whatever they are called', () => {
    const restricted = bothFilters(symbolFilter(['a*']), symbolFilter(['z']));
    for (const word of ['within', 'and', 'of']) {
      expect(symbolFilter(['a*', word, 'z']).key).not.toBe(restricted.key);
    }
  });
});
