import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  age,
  decimal,
  decimalsOf,
  percent,
  signed,
  tone,
  useLocale,
} from '#services/serve/dashboard/number-text.ts';

beforeEach(() => useLocale('en-GB'));
afterEach(() => useLocale(undefined));

test('decimals are those of the prices as they came', () => {
  expect(decimalsOf([100.25, 99.5])).toBe(2);
  expect(decimalsOf([7, 8])).toBe(0);
  expect(decimalsOf([0.1 + 0.2])).toBe(1);
  expect(decimalsOf([Math.PI])).toBeLessThanOrEqual(8);
});

test('a value that came through float32 has the decimals that it had before', () => {
  expect(decimalsOf([Math.fround(30.531), Math.fround(-1.5)])).toBe(3);
  expect(decimalsOf([21.947999954223643, 4.203000068664552, 0.975000023841858])).toBe(3);
});

test('signs are typographic, thousands apart, and zero has no sign', () => {
  expect(decimal(-1234567.5, 1)).toBe('−1,234,567.5');
  expect(decimal(-0.001, 2)).toBe('0.00');
  expect(percent(0.0123)).toBe('+1.2%');
  expect(percent(0.00001)).toBe('0.0%');
  expect(percent(null)).toBe('–');
  expect(decimal(Number.NaN, 2)).toBe('–');
});

test('numbers are written as the reader writes them', () => {
  useLocale('de-DE');
  expect(decimal(1234567.5, 1)).toBe('1.234.567,5');
  expect(percent(-0.0123)).toBe('−1,2\u00a0%');
});

test('a colour is that of the number that is read', () => {
  expect([signed(0.004, 1), signed(2, 0), signed(-2, 0)].map(tone)).toEqual(['', 'up', 'down']);
});

test('ages do not flicker', () => {
  expect([900, 59_999, 60_000, 7_200_000].map(age)).toEqual(['0 s', '59 s', '1 min', '2 h']);
});
