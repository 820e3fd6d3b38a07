import { expect, test } from 'vitest';
import { CELL_KINDS, type CellKind, cellOf } from '#shared/nn/cells/cell-kinds.ts';
import { gateReach } from '#shared/nn/diagnostics/gate-reach.ts';
import { gradientReach, relativeTo0 } from '#shared/nn/diagnostics/gradient-reach.ts';
import { gatesOf, layersOf, statePartsOf } from '#shared/nn/diagnostics/layers.ts';
import { type Walk, walkForward } from '#shared/nn/diagnostics/trajectory.ts';
import { networkCell } from '#shared/nn/network-shape.ts';
import { Random } from '#shared/nn/random.ts';

const normals = (random: Random, count: number, size = 1) =>
  Float64Array.from({ length: count }, () => size * random.normal());

function exampleOf(kind: CellKind, layers = 1, rows = 2, steps = 6) {
  const shape = { cell: kind, layers, inputSize: 3, hiddenSize: 4 };
  const cell = networkCell(shape);
  const random = new Random(`${kind} ${layers}`);
  const walk: Walk = {
    ...{ cell, rows, steps, at: 0 },
    parameters: normals(random, cell.parameterCount, 0.6),
    input: normals(random, steps * rows * 3),
    state: normals(random, rows * cell.stateSize, 0.5),
  };
  return { shape, walk, end: normals(random, rows * cell.stateSize) };
}

/** L = end . last state, when `change` may alter the state before step `from`. */
function lossFrom(walk: Walk, end: Float64Array, from: number, change: (s: Float64Array) => void) {
  const { cell, rows, steps, parameters, input } = walk;
  const size = rows * cell.stateSize;
  const state = walkForward(walk).states.slice(from * size, (from + 1) * size) as Float64Array;
  change(state);
  const rest = { ...walk, steps: steps - from, state };
  const { states } = walkForward({ ...rest, parameters, input: input.subarray(from * rows * 3) });
  return Float64Array.from(states.subarray(-size)).reduce(
    (sum, value, k) => sum + value * (end[k] as number),
    0,
  );
}

test.each(CELL_KINDS.flatMap((kind) => [1, 2].map((layers) => [kind, layers] as const)))(
  '%s, %i layers: the reach at every lag and part agrees with central differences to 1e-8',
  (kind, layers) => {
    const { shape, walk, end } = exampleOf(kind, layers);
    const parts = statePartsOf(layersOf(shape));
    const reach = gradientReach(walkForward(walk), end.slice(), parts);
    const S = walk.cell.stateSize;
    for (const [p, { at, length }] of parts.entries()) {
      for (let lag = 0; lag <= walk.steps; lag++) {
        let sum = 0;
        for (let row = 0; row < walk.rows; row++) {
          let squares = 0;
          for (let k = row * S + at; k < row * S + at + length; k++) {
            const lossAt = (by: number) =>
              lossFrom(walk, end, walk.steps - lag, (state) => {
                state[k] = (state[k] as number) + by;
              });
            squares += ((lossAt(1e-5) - lossAt(-1e-5)) / 2e-5) ** 2;
          }
          sum += Math.sqrt(squares);
        }
        expect(Math.abs((reach[p]?.[lag] as number) - sum / walk.rows)).toBeLessThan(1e-8);
      }
    }
    expect(parts.reduce((sum, { length }) => sum + length, 0)).toBe(S);
  },
);

test('a linear recurrent network with eigenvalues 0.9 +- angle loses exactly a tenth of the gradient per step', () => {
  const cell = cellOf('rnn', 1, 2);
  // tanh is the identity to first order at rest, so the Jacobian is W itself.
  const [c, s] = [0.9 * Math.cos(0.4), 0.9 * Math.sin(0.4)];
  const parameters = Float64Array.of(0, c, -s, 0, s, c, 0, 0);
  const steps = 100;
  const [input, state] = [new Float64Array(steps), new Float64Array(2)];
  const walk = walkForward({ cell, parameters, at: 0, rows: 1, steps, input, state });
  const [reach] = gradientReach(walk, Float64Array.of(0.6, -0.8), [
    { name: 'h', at: 0, length: 2 },
  ]);
  for (const [lag, norm] of (reach as Float64Array).entries()) {
    expect(norm / 0.9 ** lag).toBeCloseTo(1, 12);
  }
});

test('a trace with mu passes mu of the gradient per step, whatever the input', () => {
  const cell = cellOf('trace', 2, 3);
  const random = new Random('trace');
  const parameters = normals(random, cell.parameterCount);
  // mu = sigmoid(ln 9) = 0.9
  parameters.fill(Math.log(9), 3 * 2 + 3);
  const walk = { cell, parameters, at: 0, rows: 2, steps: 40, state: new Float64Array(6) };
  const trajectory = walkForward({ ...walk, input: normals(random, 160) });
  const parts = [{ name: 'h', at: 0, length: 3 }];
  const [reach] = gradientReach(trajectory, normals(random, 6), parts);
  const ratios = relativeTo0(reach as Float64Array);
  for (const [lag, ratio] of ratios.entries()) expect(ratio / 0.9 ** lag).toBeCloseTo(1, 12);
});

test.each(CELL_KINDS.flatMap((kind) => [1, 2].map((layers) => [kind, layers] as const)))(
  '%s, %i layers: a gate moved at one step moves the loss by what its reach says',
  (kind, layers) => {
    const { shape, walk, end } = exampleOf(kind, layers, 1, 4);
    const reach = gateReach(walk, end, layersOf(shape));
    const at = layersOf(shape).flatMap((layer) =>
      gatesOf(layer).map(({ biasAt }) => layer.at + biasAt),
    );
    for (const [g, { norms }] of reach.entries()) {
      for (let lag = 0; lag < walk.steps; lag++) {
        const step = walk.steps - 1 - lag;
        let squares = 0;
        for (let k = 0; k < 4; k++) {
          squares +=
            ((moved(walk, end, step, at[g] + k, 1e-5) - moved(walk, end, step, at[g] + k, -1e-5)) /
              2e-5) **
            2;
        }
        expect(Math.abs((norms[lag] as number) - Math.sqrt(squares))).toBeLessThan(1e-8);
      }
    }
  },
);

/** The loss when one parameter is another at one step only. */
function moved(walk: Walk, end: Float64Array, step: number, parameter: number, by: number): number {
  let state = walk.state;
  for (let t = 0; t < walk.steps; t++) {
    const parameters = walk.parameters.slice();
    if (t === step) parameters[parameter] = (parameters[parameter] as number) + by;
    const input = walk.input.subarray(t * 3, t * 3 + 3);
    const { states } = walkForward({ ...walk, steps: 1, input, state, parameters });
    state = states.slice(walk.cell.stateSize);
  }
  return Float64Array.from(state).reduce((sum, value, k) => sum + value * (end[k] as number), 0);
}

test('gate reach is a mean over rows', () => {
  const { shape, walk, end } = exampleOf('gru', 1, 2, 5);
  const both = gateReach(walk, end, layersOf(shape));
  const rowOf = (row: number) => {
    const input = new Float64Array(15);
    for (let t = 0; t < 5; t++)
      input.set(walk.input.subarray((t * 2 + row) * 3, (t * 2 + row + 1) * 3), t * 3);
    const own = { ...walk, rows: 1, input, state: walk.state.slice(row * 4, row * 4 + 4) };
    return gateReach(own, end.slice(row * 4, row * 4 + 4), layersOf(shape));
  };
  const [a, b] = [rowOf(0), rowOf(1)];
  for (const [g, { norms }] of both.entries()) {
    for (const [lag, norm] of norms.entries()) {
      const mean = ((a[g]?.norms[lag] as number) + (b[g]?.norms[lag] as number)) / 2;
      expect(norm).toBeCloseTo(mean, 14);
    }
  }
});
