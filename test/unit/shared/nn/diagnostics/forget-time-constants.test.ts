import { expect, test } from 'vitest';
import type { CellKind } from '#shared/nn/cells/cell-kinds.ts';
import { forgetTimeConstants, quantileOf } from '#shared/nn/diagnostics/forget-time-constants.ts';
import { gatesOf, layersOf } from '#shared/nn/diagnostics/layers.ts';
import { walkForward } from '#shared/nn/diagnostics/trajectory.ts';
import { networkCell } from '#shared/nn/network-shape.ts';
import { Random } from '#shared/nn/random.ts';

const logit = (p: number): number => Math.log(p / (1 - p));

function example(cell: CellKind, layers: number, size: number) {
  const shape = { cell, layers, inputSize: 2, hiddenSize: 3 };
  const made = networkCell(shape);
  const random = new Random('forget');
  const normals = (count: number, by: number) =>
    Float64Array.from({ length: count }, () => by * random.normal());
  const parameters = normals(made.parameterCount, size);
  const walk = { cell: made, parameters, at: 0, rows: 2, steps: 7 };
  return { shape, walk: { ...walk, input: normals(28, 1), state: normals(2 * made.stateSize, 1) } };
}

test.each(['lstm', 'gru', 'trace'] as const)(
  '%s: gates that only their biases set have exactly the time constants of those',
  (kind) => {
    const { shape, walk } = example(kind, 2, 0);
    const tau = [1, 5, 100, 2, 40, 3000];
    for (const [l, layer] of layersOf(shape).entries()) {
      const gate = gatesOf(layer).find(({ name }) => name === 'forget' || name === 'update');
      const biasAt = gate?.biasAt ?? (layer.inputSize + 1) * 3;
      for (let k = 0; k < 3; k++) {
        walk.parameters[layer.at + biasAt + k] = logit(Math.exp(-1 / (tau[3 * l + k] as number)));
      }
    }
    const found = forgetTimeConstants(walkForward(walk), layersOf(shape)) as Float64Array;
    for (const [k, value] of [1, 2, 5, 40, 100, 3000].entries()) {
      expect((found[k] as number) / value).toBeCloseTo(1, 10);
    }
  },
);

test('an lstm kept by its forget gate alone decays by 1/e in its time constant: weights and inputs count', () => {
  const { shape, walk } = example('lstm', 2, 0.8);
  const [first, second] = layersOf(shape);
  const found = forgetTimeConstants(walkForward(walk), layersOf(shape)) as Float64Array;
  // dc'/dc at fixed h is f: shift the memory of one unit before each step and compare what is left of it.
  const { states } = walkForward(walk);
  const size = 2 * walk.cell.stateSize;
  const logs = new Array(6).fill(0);
  for (let t = 0; t < 7; t++) {
    for (let row = 0; row < 2; row++) {
      for (const [l, layer] of [first, second].entries()) {
        for (let k = 0; k < 3; k++) {
          const at = row * walk.cell.stateSize + (layer?.stateAt ?? 0) + 3 + k;
          const after = (by: number): number => {
            const state = states.slice(t * size, (t + 1) * size);
            state[at] = (state[at] as number) + by;
            const input = walk.input.subarray(t * 4, t * 4 + 4);
            return walkForward({ ...walk, steps: 1, input, state }).states[size + at] as number;
          };
          logs[3 * l + k] += Math.log((after(1) - after(-1)) / 2);
        }
      }
    }
  }
  const expected = logs.map((sum) => -14 / sum).sort((a, b) => a - b);
  for (const [k, value] of expected.entries()) expect(found[k]).toBeCloseTo(value, 8);
});

test('the GRU is measured at its update gate: what is left of h where the candidate is held', () => {
  const { shape, walk } = example('gru', 1, 0);
  // All weights 0 but those of the update gate: n = 0, h' = z h.
  const random = new Random('update');
  for (let k = 0; k < 6; k++) walk.parameters[6 + k] = random.normal();
  for (let k = 0; k < 9; k++) walk.parameters[27 + 9 + k] = random.normal();
  const { states } = walkForward(walk);
  const expected = [0, 1, 2].map((k) => {
    const left = (row: number) =>
      Math.log((states[42 + row * 3 + k] as number) / (walk.state[row * 3 + k] as number));
    return -14 / (left(0) + left(1));
  });
  const found = forgetTimeConstants(walkForward(walk), layersOf(shape)) as Float64Array;
  for (const [k, value] of expected.sort((a, b) => a - b).entries()) {
    expect(found[k]).toBeCloseTo(value, 10);
  }
});

test('a cell without gates has no time constants; a gate that is all but open has a long one, not none', () => {
  const { shape, walk } = example('rnn', 1, 0.5);
  expect(forgetTimeConstants(walkForward(walk), layersOf(shape))).toBeNull();
  const open = example('trace', 1, 0);
  open.walk.parameters.fill(60, 9);
  const found = forgetTimeConstants(walkForward(open.walk), layersOf(open.shape)) as Float64Array;
  expect(quantileOf(found, 0.5) / Math.exp(60)).toBeCloseTo(1, 10);
});
