import { expect, test } from 'vitest';
import { disagreement } from '#test/bench/kernels/agreement.ts';

const truth = { hidden: Float32Array.of(0.5, -2, 0) };

test.each([
  ['the same', [0.5, -2, 0], null],
  ['within a hundred-thousandth of the largest', [0.5, -2, 1e-5], null],
  ['further off', [0.5, -2, 4e-5], /hidden differ by 2\.0e-5 of the largest/],
  ['not a number', [0.5, -2, Number.NaN], /hidden differ by NaN/],
  ['infinite', [0.5, -2, Infinity], /hidden differ by Infinity/],
  ['too few', [0.5, -2], /gave 2 numbers of hidden, expected 3/],
] as const)('a contender whose numbers are %s is judged so', (_, numbers, expected) => {
  const why = disagreement(truth, { hidden: Float32Array.from(numbers) });
  if (expected === null) expect(why).toBeNull();
  else expect(why).toMatch(expected);
});

test('a contender that leaves an array out is refused', () => {
  expect(disagreement(truth, {})).toBe('gave no hidden');
});

test('where all is to be 0, a number that is not is refused', () => {
  expect(disagreement({ a: new Float32Array(2) }, { a: Float32Array.of(0, 1e-9) })).toMatch(
    /differ/,
  );
});
