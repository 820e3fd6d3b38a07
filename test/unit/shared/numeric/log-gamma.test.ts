import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { digamma, logGamma } from '#shared/numeric/log-gamma.ts';

const { rows } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../golden/log-gamma.json'), 'utf8'),
) as { rows: [number, number, number][] };

const errorOf = (ours: number, truth: number): number =>
  Math.abs(ours - truth) / Math.max(1, Math.abs(truth));

test("ln gamma is mpmath's to 6e-15 of max(1, |result|), digamma to 3e-15: test/golden/losses.py", () => {
  expect(rows.length).toBeGreaterThan(80);
  expect(Math.max(...rows.map(([x, truth]) => errorOf(logGamma(x), truth)))).toBeLessThan(6e-15);
  expect(Math.max(...rows.map(([x, , truth]) => errorOf(digamma(x), truth)))).toBeLessThan(3e-15);
});

test('gamma(x + 1) = x gamma(x) across the border of the series', () => {
  for (let x = 8; x < 16; x += 0.03125) {
    expect(Math.abs(logGamma(x + 1) - logGamma(x) - Math.log(x))).toBeLessThan(2e-14);
    expect(Math.abs(digamma(x + 1) - digamma(x) - 1 / x)).toBeLessThan(2e-15);
  }
});

test('ends of the range', () => {
  expect([logGamma(0), logGamma(Infinity), logGamma(-1), logGamma(Number.NaN)]).toEqual([
    Infinity,
    Infinity,
    Number.NaN,
    Number.NaN,
  ]);
  expect([digamma(0), digamma(Infinity), digamma(-1)]).toEqual([-Infinity, Infinity, Number.NaN]);
});
