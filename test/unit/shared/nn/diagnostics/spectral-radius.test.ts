import { expect, test } from 'vitest';
import { cellOf } from '#shared/nn/cells/cell-kinds.ts';
import { spectralRadius } from '#shared/nn/diagnostics/spectral-radius.ts';
import { Random } from '#shared/nn/random.ts';

/** An untouched tanh network at rest: its Jacobian is the recurrent matrix at every step. */
function atRest(matrix: readonly (readonly number[])[], steps: number) {
  const H = matrix.length;
  const weights = matrix.flatMap((row) => [0, ...row]);
  return {
    cell: cellOf('rnn', 1, H),
    parameters: Float64Array.from([...weights, ...new Array(H).fill(0)]),
    ...{ at: 0, rows: 2, steps },
    input: new Float64Array(2 * steps),
    state: new Float64Array(2 * H),
  };
}

test('the radius of a triangular matrix is its largest diagonal number', () => {
  const matrix = [
    [0.5, 3, -2],
    [0, -1.25, 1],
    [0, 0, 0.75],
  ];
  expect(spectralRadius(atRest(matrix, 200), new Random(1))).toBeCloseTo(1.25, 9);
});

test('a rotation that shrinks by 0.8 has radius 0.8, though no real eigenvalue', () => {
  const [c, s] = [0.8 * Math.cos(1), 0.8 * Math.sin(1)];
  const matrix = [
    [c, -s],
    [s, c],
  ];
  expect(spectralRadius(atRest(matrix, 16), new Random(1))).toBeCloseTo(0.8, 12);
});

test('a matrix whose powers vanish has radius 0', () => {
  const matrix = [
    [0, 1],
    [0, 0],
  ];
  expect(spectralRadius(atRest(matrix, 16), new Random(1))).toBe(0);
});

test('a walk that left the finite numbers has no radius: it has not vanished', () => {
  const cell = cellOf('rnn-relu', 1, 2);
  const parameters = Float64Array.of(0, 1e100, -1e99, 0, 1e100, 1e100, 0, 0);
  const [input, state] = [new Float64Array(8), Float64Array.of(1, 1)];
  const walk = { cell, parameters, at: 0, rows: 1, steps: 8, input, state };
  expect(spectralRadius(walk, new Random(1))).toBeNaN();
});

test('the radius of traces is the largest mu along any trajectory', () => {
  const cell = cellOf('trace', 1, 3);
  const parameters = new Float64Array(cell.parameterCount).fill(0.3);
  const mus = [0.2, 0.95, 0.6];
  parameters.set(
    mus.map((mu) => Math.log(mu / (1 - mu))),
    6,
  );
  const random = new Random(2);
  const input = Float64Array.from({ length: 100 }, () => random.normal());
  const walk = { cell, parameters, at: 0, rows: 1, steps: 100, input, state: new Float64Array(3) };
  expect(spectralRadius(walk, random)).toBeCloseTo(0.95, 9);
});

test('saturation makes the radius along a trajectory smaller than that of the matrix', () => {
  const matrix = [
    [2, 0],
    [0, 2],
  ];
  const rest = atRest(matrix, 60);
  expect(spectralRadius(rest, new Random(1))).toBeCloseTo(2, 12);
  const moved = { ...rest, state: Float64Array.of(0.9575, -0.9575, 0.9575, 0.9575) };
  // The fixed point of h = tanh 2h is .9575, where the slope is 2 (1 - h^2) = .1664.
  expect(spectralRadius(moved, new Random(1))).toBeCloseTo(0.1664, 3);
});
