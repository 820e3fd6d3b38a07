import { describe, expect, test } from 'vitest';
import type { Floats } from '#shared/nn/add-product.ts';
import type { Kernel } from '#shared/nn/kernels/kernel.ts';
import { Random } from '#shared/nn/random.ts';

/** max|a - b| / max|b|, the measure of every golden test (DECISIONS 25). */
export function relativeError(found: ArrayLike<number>, known: ArrayLike<number>): number {
  let difference = 0;
  let largest = 0;
  for (let k = 0; k < known.length; k++) {
    // A NaN must not pass as small.
    const d = Math.abs((found[k] as number) - (known[k] as number));
    if (!(d <= difference)) difference = d;
    largest = Math.max(largest, Math.abs(known[k] as number));
  }
  return difference / largest;
}

const fillNormal = (values: Floats, random: Random, size = 1): void => {
  for (let k = 0; k < values.length; k++) values[k] = Math.fround(size * random.normal());
};

const DENSE = [
  ...[
    [1, 1],
    [1, 3],
    [3, 1],
    [7, 3],
    [40, 63],
    [48, 63],
    [5, 64],
    [16, 33],
  ],
] as const;

const LSTM = [
  [1, 1],
  [1, 3],
  [3, 5],
  [7, 8],
  [2, 13],
  [24, 16],
  [1, 24],
  [5, 36],
] as const;

const ROWS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/**
 * What every kernel promises: the results of the reference to 1e-5 of the largest number of each tensor, and for a row the same
 * bits alone and among others. Sizes are ragged on purpose: vectors have four lanes, panels 8 units and 32 columns.
 */
export function kernelContract(name: string, kernel: Kernel, reference: Kernel): void {
  describe(`${name} is a kernel`, () => {
    test.each(DENSE)('dense %i -> %i agrees with the reference, for 1 to 9 rows', (I, O) => {
      for (const rows of ROWS) {
        const [found, known] = [kernel, reference].map((one) => {
          const random = new Random(`dense ${I} ${O} ${rows}`);
          const dense = one.dense({ inputs: I, outputs: O, rows });
          const parameters = new Float32Array(O * (I + 1));
          fillNormal(parameters, random);
          fillNormal(dense.input, random);
          fillNormal(dense.dOutput, random);
          fillNormal(dense.gradients, random);
          dense.load(parameters);
          dense.forward(rows);
          dense.backward(rows);
          return [dense.output, dense.dInput, dense.gradients];
        });
        for (const k of [0, 1, 2]) {
          expect(relativeError(found?.[k] as Floats, known?.[k] as Floats)).toBeLessThan(1e-5);
        }
      }
    });

    test.each(LSTM)('lstm %i -> %i agrees with the reference over 12 steps and back', (I, H) => {
      for (const rows of [...ROWS, 50]) {
        const [found, known] = [kernel, reference].map((one) => runLstm(one, I, H, rows));
        for (const part of ['state', 'dState', 'dInput', 'gradients'] as const) {
          expect(relativeError(found?.[part] as Floats, known?.[part] as Floats)).toBeLessThan(
            1e-5,
          );
        }
      }
    });

    test.each(LSTM)('lstm %i -> %i: a batch of N gives the bits of N single steps', (I, H) => {
      for (const rows of [...ROWS, 50]) {
        const together = runLstm(kernel, I, H, rows);
        const alone = kernel.lstm({
          inputSize: I,
          hiddenSize: H,
          rows: 1,
          steps: 1,
          symbols: rows,
        });
        alone.load(together.parameters);
        alone.state.set(together.start);
        for (let t = 0; t < 12; t++) {
          for (let r = 0; r < rows; r++) {
            alone.index[0] = together.index[r] as number;
            const at = (t * rows + r) * I;
            alone.input.set(together.input.subarray(at, at + I));
            alone.forward(1, 0);
          }
        }
        expect(alone.state).toEqual(together.state);
      }
    });

    test('a dense row has the same bits alone and among others', () => {
      const [I, O, rows] = [13, 35, 9];
      const random = new Random('rows');
      const parameters = new Float32Array(O * (I + 1));
      fillNormal(parameters, random);
      const many = kernel.dense({ inputs: I, outputs: O, rows });
      const one = kernel.dense({ inputs: I, outputs: O, rows: 1 });
      many.load(parameters);
      one.load(parameters);
      fillNormal(many.input, random);
      fillNormal(many.dOutput, random);
      many.forward(rows);
      many.backward(rows);
      for (let r = 0; r < rows; r++) {
        one.input.set(many.input.subarray(r * I, (r + 1) * I));
        one.dOutput.set(many.dOutput.subarray(r * O, (r + 1) * O));
        one.forward(1);
        one.backward(1);
        expect(one.output).toEqual(many.output.slice(r * O, (r + 1) * O));
        expect(one.dInput).toEqual(many.dInput.slice(r * I, (r + 1) * I));
      }
    });

    test('rows whose next state is not finite are counted and keep their state, the others go on', () => {
      const lstm = kernel.lstm({ inputSize: 2, hiddenSize: 5, rows: 6, steps: 1, symbols: 6 });
      const parameters = new Float32Array(4 * 5 * 8).fill(0.1);
      lstm.load(parameters);
      lstm.state.fill(0.25);
      lstm.input.fill(1);
      lstm.index.set([5, 4, 3, 2, 1, 0]);
      lstm.input[2 * 2] = Number.NaN;
      lstm.state[4 * 10 + 9] = Infinity;
      expect(lstm.forward(6, 0)).toBe(2);
      expect([...lstm.state.slice(30, 40)].every((value) => value === 0.25)).toBe(true);
      expect([...lstm.state.slice(40, 49)].every((value) => value === 0.25)).toBe(true);
      for (const symbol of [0, 1, 2, 5]) {
        const state = [...lstm.state.slice(symbol * 10, symbol * 10 + 10)];
        expect(state.every((value) => value !== 0.25 && Number.isFinite(value))).toBe(true);
      }
    });
  });
}

function runLstm(kernel: Kernel, inputSize: number, hiddenSize: number, rows: number) {
  const steps = 12;
  const random = new Random(`lstm ${inputSize} ${hiddenSize} ${rows}`);
  const lstm = kernel.lstm({ inputSize, hiddenSize, rows, steps, symbols: rows });
  const parameters = new Float32Array(4 * hiddenSize * (inputSize + hiddenSize + 1));
  fillNormal(parameters, random, 0.6);
  fillNormal(lstm.input, random);
  fillNormal(lstm.state, random, 0.5);
  fillNormal(lstm.dHidden, random);
  fillNormal(lstm.dState, random);
  for (let r = 0; r < rows; r++) lstm.index[r] = (rows - 1 - r) % rows;
  const start = lstm.state.slice();
  lstm.load(parameters);
  for (let t = 0; t < steps; t++) expect(lstm.forward(rows, t)).toBe(0);
  for (let t = steps - 1; t >= 0; t--) lstm.backward(rows, t);
  const { input, state, index, dState, dInput, gradients } = lstm;
  return { parameters, start, input, state, index, dState, dInput, gradients };
}
