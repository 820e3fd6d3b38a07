import { expect, test } from 'vitest';
import { relus, sigmoids, tanhs } from '#shared/nn/cells/activate.ts';
import { sigmoid, tanh } from '#shared/numeric/elementary.ts';

const values = Float64Array.of(
  ...Array.from({ length: 401 }, (_, k) => (k - 200) / 8),
  ...[-0, 1e-300, -1e-300, 800, -800, Infinity, -Infinity, Number.NaN],
);

test('over an array or one by one: sigmoid and tanh have the same bits', () => {
  const found = new Float64Array(values.length);
  sigmoids(values.length, values, 0, found, 0);
  expect(found).toEqual(values.map(sigmoid));
  tanhs(values.length, values, 0, found, 0);
  expect(found).toEqual(values.map(tanh));
});

test('a ReLU cuts what is below 0, and keeps a NaN', () => {
  const found = new Float64Array(5);
  relus(found.length, Float64Array.of(-2, 3, Number.NaN, -Infinity, Infinity), 0, found, 0);
  expect(found).toEqual(Float64Array.of(0, 3, Number.NaN, 0, Infinity));
});
