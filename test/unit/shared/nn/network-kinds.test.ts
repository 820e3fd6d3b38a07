import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Floats } from '#shared/nn/add-product.ts';
import { CELL_KINDS } from '#shared/nn/cells/cell-kinds.ts';
import { initialParameters } from '#shared/nn/initial-parameters.ts';
import { type NetworkShape, networkCell } from '#shared/nn/network-shape.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { Random } from '#shared/nn/random.ts';
import { Tbptt } from '#shared/nn/tbptt.ts';
import { gradientError } from '#test/builders/gradient-error.ts';

const levels = [0.1, 0.5, 0.9];
const shapes = CELL_KINDS.flatMap((cell) =>
  [1, 2].map(
    (layers): NetworkShape => ({
      ...{ cell, layers, inputSize: 3, hiddenSize: 4, headSize: 5, outputSize: 6 },
    }),
  ),
);

function fillNormal(values: Floats, random: Random, size = 1): void {
  for (let k = 0; k < values.length; k++) values[k] = size * random.normal();
}

describe.each(shapes.map((shape) => ({ shape, name: `${shape.cell} x ${shape.layers}` })))(
  'a network of $name',
  ({ shape }) => {
    const { stateSize } = networkCell(shape);

    test('the gradient of every parameter through time agrees with central differences', () => {
      const walk = new Tbptt({
        shape,
        levels,
        windows: 2,
        steps: 5,
        dropout: 0.3,
        floats: Float64Array,
      });
      const random = new Random('network kinds');
      fillNormal(walk.input, random);
      fillNormal(walk.target, random);
      walk.mask.fill(1);
      fillNormal(walk.state, random, 0.5);
      const start = walk.state.slice();
      const parameters = Float64Array.from(initialParameters(shape, { levels, seed: 4 }));
      for (let k = 0; k < parameters.length; k++) parameters[k] += 0.2 * random.normal();
      const loss = (into: Float64Array): number => {
        walk.state.set(start);
        return walk.train(parameters, into, new Random('masks'));
      };
      const gradients = new Float64Array(parameters.length);
      const scratch = new Float64Array(parameters.length);
      loss(gradients);
      const error = gradientError(parameters, gradients, () => loss(scratch), 1e-6);
      expect(error).toBeLessThan(1e-8);
    });

    test('training without dropout sees the outputs and states of inference, bit for bit', () => {
      const [windows, steps] = [3, 6];
      const walk = new Tbptt({ shape, levels, windows, steps, dropout: 0 });
      const random = new Random(8);
      fillNormal(walk.input, random);
      fillNormal(walk.state, random, 0.5);
      const parameters = initialParameters(shape, { levels, seed: 4 });
      const network = new QuantileNetwork(shape, parameters);
      const states = walk.state.slice();
      const outputs = new Float32Array(windows * 6);
      for (let t = 0; t < steps; t++) {
        for (let b = 0; b < windows; b++) {
          network.step(walk.input, (t * windows + b) * 3, states, b * stateSize, outputs, b * 6);
        }
      }
      walk.lossSum(parameters);
      expect(walk.lastOutput).toEqual(outputs);
      expect(walk.state).toEqual(states);
    });

    test('a step that is not finite is refused, and the state is kept', () => {
      const parameters = initialParameters(shape, { levels, seed: 4 });
      const network = new QuantileNetwork(shape, parameters);
      const state = new Float32Array(stateSize).fill(0.25);
      const output = new Float32Array(6).fill(7);
      for (const wrong of [Number.NaN, Infinity, -Infinity]) {
        const input = Float32Array.of(0.5, wrong, -1);
        expect(network.step(input, 0, state, 0, output, 0)).toBe(false);
        expect(network.carry(input, 0, state, 0)).toBe(false);
      }
      const broken = parameters.slice().fill(Number.NaN, 0, networkCell(shape).parameterCount);
      const sick = new QuantileNetwork(shape, broken);
      expect(sick.step(Float32Array.of(1, 1, 1), 0, state, 0, output, 0)).toBe(false);
      expect(state.every((value) => value === 0.25)).toBe(true);
      expect(output.every((value) => value === 7)).toBe(true);
      expect(network.step(Float32Array.of(0.5, 0, -1), 0, state, 0, output, 0)).toBe(true);
    });

    test('parameters of another number are refused', () => {
      const { length } = initialParameters(shape, { levels, seed: 4 });
      expect(() => new QuantileNetwork(shape, new Float32Array(length - 1))).toThrow(RangeError);
    });
  },
);

/** Any cell or stack of few units, with float32 numbers for B rows of T steps. */
const walks = fc
  .record({
    cell: fc.constantFrom(...CELL_KINDS),
    layers: fc.integer({ min: 1, max: 3 }),
    inputSize: fc.integer({ min: 1, max: 7 }),
    hiddenSize: fc.integer({ min: 1, max: 9 }),
    rows: fc.integer({ min: 1, max: 5 }),
    steps: fc.integer({ min: 1, max: 8 }),
    seed: fc.nat(),
  })
  .map(({ rows, steps, seed, ...shape }) => {
    const random = new Random(seed);
    const cell = networkCell(shape);
    const parameters = new Float32Array(cell.parameterCount);
    const input = new Float32Array(steps * rows * shape.inputSize);
    const state = new Float32Array(rows * cell.stateSize);
    fillNormal(parameters, random, 0.5);
    fillNormal(input, random, 2);
    fillNormal(state, random);
    return { shape, cell, rows, steps, parameters, input, state };
  });

type Walk = typeof walks extends fc.Arbitrary<infer T> ? T : never;

/** Steps `from` to `to` of the rows together, each on a tape of its own. */
function walkOf(
  { cell, rows, parameters, input }: Walk,
  state: Float32Array,
  from: number,
  to: number,
): void {
  const tape = new Float32Array(rows * cell.tapeSize);
  for (let t = from; t < to; t++) {
    tape.fill(Number.NaN);
    cell.forward(rows, parameters, 0, input, t * rows * cell.inputSize, state, 0, tape, 0);
  }
}

test('carrying the state over windows equals one long pass, and a row alone equals a row among others, bit for bit', () => {
  fc.assert(
    fc.property(walks, fc.nat(), (walk, cut) => {
      const { cell, rows, steps, parameters, input } = walk;
      const whole = walk.state.slice();
      walkOf(walk, whole, 0, steps);
      const parts = walk.state.slice();
      walkOf(walk, parts, 0, cut % (steps + 1));
      const carried = parts.slice();
      // Another cell of the same shape: nothing may be remembered outside the state.
      walkOf({ ...walk, cell: networkCell(walk.shape) }, carried, cut % (steps + 1), steps);
      expect(carried).toEqual(whole);
      for (let b = 0; b < rows; b++) {
        const size = cell.stateSize;
        const alone = walk.state.slice(b * size, (b + 1) * size);
        const tape = new Float32Array(cell.tapeSize);
        for (let t = 0; t < steps; t++) {
          const at = (t * rows + b) * cell.inputSize;
          cell.forward(1, parameters, 0, input, at, alone, 0, tape, 0);
        }
        expect(alone).toEqual(whole.slice(b * size, (b + 1) * size));
      }
    }),
    { numRuns: 200 },
  );
});
