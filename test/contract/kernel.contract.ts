import { describe, expect, test } from 'vitest';
import type { Floats } from '#shared/nn/add-product.ts';
import type { Kernel, NetworkSize } from '#shared/nn/kernels/kernel.ts';
import { parameterLayout, type Slice } from '#shared/nn/parameters.ts';
import { Random } from '#shared/nn/random.ts';

/** max|a - b| / max|b|, the measure of every golden test. */
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

/** Inputs, hidden units, head units, outputs. */
const NETWORKS = [
  [1, 3, 5, 1],
  [6, 5, 7, 9],
  [3, 8, 4, 3],
  [10, 33, 20, 40],
  [24, 16, 48, 63],
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

    test.each(NETWORKS)(
      'a network of %i, %i, %i, %i agrees with the reference over 5 steps and back, dropout included',
      (I, H, M, O) => {
        for (const rows of ROWS) {
          const [found, known] = [kernel, reference].map((one) =>
            runNetwork(one, [I, H, M, O], rows),
          );
          for (const part of ['output', 'state', 'cell', 'direct', 'hidden', 'last'] as const) {
            const error = relativeError(found?.[part] as Floats, known?.[part] as Floats);
            expect(error, `${part} of ${rows} rows`).toBeLessThan(1e-5);
          }
        }
      },
    );

    test('a row of a network has the same bits alone and among others, trained or not', () => {
      const sizes = [6, 5, 7, 9] as const;
      for (const rows of ROWS) {
        const many = kernel.network(networkSize(sizes, rows, true));
        const one = kernel.network(networkSize(sizes, 1, false));
        const parameters = new Float32Array(
          parameterLayout(networkSize(sizes, 1, true).shape).length,
        );
        const random = new Random('row of a network');
        for (const values of [parameters, many.input, many.state]) fillNormal(values, random, 0.5);
        many.load(parameters);
        one.load(parameters);
        const start = many.state.slice();
        many.recur(rows, 0);
        many.predict(rows, 0);
        for (let r = 0; r < rows; r++) {
          one.input.set(many.input.subarray(r * 6, r * 6 + 6));
          one.state.set(start.subarray(r * 10, r * 10 + 10));
          expect(one.recur(1, 0) + one.predict(1, 0)).toBe(0);
          expect(one.next).toEqual(many.next.slice(r * 10, r * 10 + 10));
          expect(one.output).toEqual(many.output.slice(r * 9, r * 9 + 9));
        }
      }
    });

    test('a network counts the rows that are not finite', () => {
      const network = kernel.network(networkSize([6, 5, 7, 9], 4, false));
      const { shape } = networkSize([6, 5, 7, 9], 4, false);
      const layout = parameterLayout(shape);
      const parameters = new Float32Array(layout.length).fill(0.01);
      network.load(parameters);
      expect(network.recur(4, 0)).toBe(0);
      expect(network.predict(4, 0)).toBe(0);
      network.input[1] = Infinity;
      network.state[12] = Number.NaN;
      expect(network.recur(4, 0)).toBe(2);
      network.input[1] = 0;
      network.state[12] = 0;
      parameters[layout.length - 1] = Infinity;
      network.load(parameters);
      expect(network.recur(3, 0)).toBe(0);
      expect(network.predict(3, 0)).toBe(3);
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

function networkSize(
  [inputSize, hiddenSize, headSize, outputSize]: readonly [number, number, number, number],
  rows: number,
  isTrained: boolean,
): NetworkSize {
  const shape = { cell: 'lstm', layers: 1, inputSize, hiddenSize, headSize, outputSize } as const;
  return { shape, rows, steps: isTrained ? 5 : 1, isTrained };
}

function runNetwork(
  kernel: Kernel,
  sizes: readonly [number, number, number, number],
  rows: number,
) {
  const size = networkSize(sizes, rows, true);
  const random = new Random(`network ${sizes} ${rows}`);
  const network = kernel.network(size);
  const layout = parameterLayout(size.shape);
  const parameters = new Float32Array(layout.length);
  for (const values of [parameters, network.input, network.state]) fillNormal(values, random, 0.5);
  network.load(parameters);
  for (let t = 0; t < size.steps; t++) {
    for (const factors of [network.hiddenFactors, network.headFactors]) {
      for (let k = 0; k < factors.length; k++) factors[k] = random.next() < 0.3 ? 0 : 1.25;
    }
    expect(network.recur(rows, t)).toBe(0);
    network.keep(rows);
    expect(network.predict(rows, t)).toBe(0);
    fillNormal(network.dOutput, random);
    network.headBackward(rows, t);
  }
  network.throughTime(rows, size.steps);
  const part = ({ at, length }: Slice): Floats => network.gradients.subarray(at, at + length);
  const { output, state } = network;
  const { cell, direct, hidden, output: last } = layout;
  return {
    output,
    state,
    cell: part(cell),
    direct: part(direct),
    hidden: part(hidden),
    last: part(last),
  };
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
