import { expect, test } from 'vitest';
import {
  cutsFrom,
  horizonsFrom,
  seasonFrom,
  seedFrom,
  warmUpFrom,
} from '#services/replay/replay-arguments.ts';

test('horizons are numbers, ranges or both, rising and each once', () => {
  expect(horizonsFrom('1,10,100')).toEqual([1, 10, 100]);
  expect(horizonsFrom('1..4')).toEqual([1, 2, 3, 4]);
  expect(horizonsFrom('24, 1..3, 2')).toEqual([1, 2, 3, 24]);
});

test('horizons in event time are refused as not supported yet', () => {
  for (const part of ['10s', '1m', '250ms', '1.5h']) {
    expect(() => horizonsFrom(`1,${part}`)).toThrow(`not supported yet`);
  }
});

test('what is no horizon is refused with what was found', () => {
  for (const bad of ['', '0', '-1', '1.5', '5..1', '1..', 'ten', '1,,2', '20000', '1e3']) {
    expect(() => horizonsFrom(bad), bad).toThrow('a horizon is a whole number of ticks');
  }
  expect(() => horizonsFrom('1..300')).toThrow('there can be 255 horizons, there were 300');
});

test('warm-up is ticks or a percentage', () => {
  expect(warmUpFrom('500')).toEqual({ ticks: 500 });
  expect(warmUpFrom('25%')).toEqual({ percent: 25 });
  expect(warmUpFrom('12.5%')).toEqual({ percent: 12.5 });
  for (const bad of ['', '-1', '1.5', '101%', '%', 'ten']) {
    expect(() => warmUpFrom(bad), bad).toThrow(/warm-up is|a percentage is/);
  }
});

test('cuts are percentages', () => {
  expect(cutsFrom('25%, 50%')).toEqual([25, 50]);
  expect(() => cutsFrom('25')).toThrow('a percentage is from 0% to 100%');
});

test('a seed is a whole number of 32 bits', () => {
  expect(seedFrom('4294967295')).toBe(4_294_967_295);
  for (const bad of ['4294967296', '-1', '1.5', '']) {
    expect(() => seedFrom(bad), bad).toThrow('a seed is a whole number');
  }
});

test('a season is a whole number of ticks, and for values only', () => {
  expect(seasonFrom(undefined, 'price')).toBe(null);
  expect(seasonFrom('24', 'value')).toBe(24);
  for (const bad of ['', '3', '1.5', 'day', '-24', '10001']) {
    expect(() => seasonFrom(bad, 'value'), bad).toThrow('a season is a whole number of ticks');
  }
  expect(() => seasonFrom('24', 'price')).toThrow('--measure value');
});
