import { expect, test } from 'vitest';
import { diagnoseNetwork } from '#shared/nn/diagnostics/network-diagnosis.ts';
import { initialParameters } from '#shared/nn/initial-parameters.ts';
import { networkCell } from '#shared/nn/network-shape.ts';
import { Random } from '#shared/nn/random.ts';
import { Tbptt } from '#shared/nn/tbptt.ts';

const levels = [0.1, 0.5, 0.9];

function example(cell: 'lstm' | 'gru', layers: number) {
  const shape = { cell, layers, inputSize: 3, hiddenSize: 4, headSize: 5, outputSize: 6 };
  const sizes = { windows: 3, steps: 8, dropout: 0 };
  const batch = new Tbptt({ shape, levels, ...sizes, floats: Float64Array });
  const random = new Random('diagnosis');
  for (const values of [batch.input, batch.target, batch.state]) {
    for (let k = 0; k < values.length; k++) values[k] = random.normal();
  }
  // The loss of the last step alone: 3 windows x 2 horizons at the end.
  batch.mask.fill(1, batch.mask.length - 6);
  const parameters = Float64Array.from(initialParameters(shape, { levels, seed: 4 }));
  for (let k = 0; k < parameters.length; k++) parameters[k] += 0.2 * random.normal();
  return { shape, batch, parameters };
}

test.each([
  ['lstm', 1],
  ['gru', 2],
] as const)(
  '%s, %i layers: reach at the start of the window agrees with central differences of the loss',
  (cell, layers) => {
    const { shape, batch, parameters } = example(cell, layers);
    const start = batch.state.slice();
    const { reach, forget } = diagnoseNetwork(shape, levels, parameters, batch);
    const S = networkCell(shape).stateSize;
    const normAt = (steps: number): number => {
      // Of a window that begins `steps` before its end, the same last steps.
      const at = 8 - steps;
      const states = statesBefore(at);
      const part = new Tbptt({
        shape,
        levels,
        windows: 3,
        steps,
        dropout: 0,
        floats: Float64Array,
      });
      part.input.set(batch.input.subarray(at * 9));
      part.target.set(batch.target.subarray(at * 6));
      part.mask.set(batch.mask.subarray(at * 6));
      let sum = 0;
      for (let row = 0; row < 3; row++) {
        let squares = 0;
        for (let k = row * S; k < (row + 1) * S; k++) {
          const lossAt = (by: number): number => {
            part.state.set(states);
            part.state[k] = (part.state[k] as number) + by;
            return part.lossSum(parameters);
          };
          squares += ((lossAt(1e-6) - lossAt(-1e-6)) / 2e-6) ** 2;
        }
        sum += Math.sqrt(squares) / 3;
      }
      return sum;
    };
    const statesBefore = (t: number) => {
      if (t === 0) return start;
      const head = new Tbptt({
        shape,
        levels,
        windows: 3,
        steps: t,
        dropout: 0,
        floats: Float64Array,
      });
      head.input.set(batch.input.subarray(0, t * 9));
      head.state.set(start);
      head.lossSum(parameters);
      return head.state;
    };
    expect((reach[8] as number) / (reach[4] as number)).toBeCloseTo(normAt(8) / normAt(4), 6);
    expect((reach[4] as number) / (reach[1] as number)).toBeCloseTo(normAt(4) / normAt(1), 6);
    expect(reach[0]).toBe(1);
    expect(forget?.length).toBe(4 * layers);
  },
);

test('a look changes neither weights nor batch, and comes out the same again', () => {
  const { shape, batch, parameters } = example('lstm', 1);
  const before = [parameters, batch.input, batch.target, batch.state, batch.mask].map((v) =>
    v.slice(),
  );
  const first = diagnoseNetwork(shape, levels, parameters, batch);
  expect(diagnoseNetwork(shape, levels, parameters, batch)).toEqual(first);
  expect([parameters, batch.input, batch.target, batch.state, batch.mask]).toEqual(before);
});

test('where no target of the last step counts, the reach is unknown and the memory is not', () => {
  const { shape, batch, parameters } = example('lstm', 1);
  batch.mask.fill(0);
  const { reach, forget } = diagnoseNetwork(shape, levels, parameters, batch);
  expect(reach.every(Number.isNaN)).toBe(true);
  expect(forget?.every(Number.isFinite)).toBe(true);
});
