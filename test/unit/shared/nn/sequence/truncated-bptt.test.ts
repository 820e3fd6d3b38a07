import { describe, expect, test } from 'vitest';
import { CELL_KINDS, cellOf } from '#shared/nn/cells/cell-kinds.ts';
import { squaredLoss } from '#shared/nn/losses/squared.ts';
import { Random } from '#shared/nn/random.ts';
import { type SequenceModel, sequenceModel } from '#shared/nn/sequence/sequence-model.ts';
import { manyToMany } from '#shared/nn/sequence/sequence-modes.ts';
import { TruncatedBptt } from '#shared/nn/sequence/truncated-bptt.ts';
import { gradientError } from '#test/builders/gradient-error.ts';

const [rows, T, I, O] = [2, 12, 2, 2];
const loss = squaredLoss;
const floats = Float64Array;

/** One long series with a loss at about every step, and a full walk over it. */
function exampleOf(model: SequenceModel) {
  const random = new Random('long series');
  const parameters = Float64Array.from(
    { length: model.parameterCount },
    () => 0.5 * random.normal(),
  );
  const full = manyToMany({ model, rows, steps: T, loss, floats });
  for (let k = 0; k < full.input.length; k++) full.input[k] = random.normal();
  for (let k = 0; k < full.target.length; k++) full.target[k] = random.normal();
  for (let k = 0; k < full.mask.length; k++) full.mask[k] = random.next() < 0.8 ? 1 : 0;
  return { parameters, full };
}

/** All windows of TBPTT(k1, k2) over the series: their summed (not mean) gradients and outputs. */
function windowsOf(model: SequenceModel, every: number, through: number) {
  const { parameters, full } = exampleOf(model);
  const cut = new TruncatedBptt({ model, rows, loss, floats, every, through });
  const outputs: number[] = [];
  const gradients: Float64Array[] = [];
  for (let from = 0; from < T; from += every) {
    const part = (all: Float64Array | Uint8Array, size: number) =>
      all.subarray(from * rows * size, (from + every) * rows * size);
    cut.input.set(part(full.input as Float64Array, I));
    cut.target.set(part(full.target as Float64Array, O));
    cut.mask.set(part(full.mask, O));
    const count = cut.mask.reduce((sum, m) => sum + m, 0);
    const gradient = new Float64Array(model.parameterCount).fill(3);
    cut.train(parameters, gradient);
    gradients.push(gradient.map((g) => g * count));
    outputs.push(...cut.output);
  }
  return { gradients, outputs, state: cut.state };
}

const sumOf = (gradients: readonly Float64Array[]): Float64Array =>
  gradients.reduce((sum, g) => sum.map((s, k) => s + g[k]));

const distance = (a: Float64Array, b: Float64Array): number =>
  Math.max(...a.map((x, k) => Math.abs(x - b[k]))) / Math.max(...b.map(Math.abs));

describe.each(CELL_KINDS)('with %s cells', (kind) => {
  const model = sequenceModel(cellOf(kind, I, 4), O);
  const { parameters, full } = exampleOf(model);
  const whole = new Float64Array(model.parameterCount);
  full.train(parameters, whole);
  const pairs = full.mask.reduce((sum, m) => sum + m, 0);
  const wholeSum = whole.map((g) => g * pairs);

  test.each([
    [1, 12],
    [3, 12],
    [4, 20],
    [12, 12],
  ])('TBPTT(%i, %i) over 12 steps is full BPTT to 1e-12', (every, through) => {
    expect(distance(sumOf(windowsOf(model, every, through).gradients), wholeSum)).toBeLessThan(
      1e-12,
    );
  });

  test('a cut loses something: TBPTT(3, 3) is not full BPTT', () => {
    expect(distance(sumOf(windowsOf(model, 3, 3).gradients), wholeSum)).toBeGreaterThan(1e-4);
  });

  test.each([
    [1, 1],
    [3, 3],
    [2, 5],
  ])(
    'TBPTT(%i, %i) walks the states and outputs of one long pass, bit for bit',
    (every, through) => {
      const { outputs, state } = windowsOf(model, every, through);
      full.forward(parameters);
      expect(outputs).toEqual([...full.output]);
      expect(state).toEqual(full.state);
    },
  );

  // Brute force: the loss of a window's own k1 steps, walked anew from the state k2 steps before its end, which stays as it is.
  test.each([
    [2, 5],
    [3, 4],
    [1, 3],
    [4, 4],
  ])('each window of TBPTT(%i, %i) agrees with central differences', (every, through) => {
    const { gradients } = windowsOf(model, every, through);
    gradients.forEach((gradient, window) => {
      const end = (window + 1) * every;
      const from = Math.max(0, end - through);
      const before = manyToMany({ model, rows, steps: Math.max(1, from), loss, floats });
      before.input.set(full.input.subarray(0, Math.max(1, from) * rows * I));
      before.forward(parameters);
      const late = manyToMany({ model, rows, steps: end - from, loss, floats });
      if (from > 0) late.start.set(before.state);
      late.input.set(full.input.subarray(from * rows * I, end * rows * I));
      late.target.set(full.target.subarray(from * rows * O, end * rows * O));
      late.mask.set(full.mask.subarray(from * rows * O, end * rows * O));
      late.mask.fill(0, 0, (end - every - from) * rows * O);
      const count = late.mask.reduce((sum, m) => sum + m, 0);
      const scratch = new Float64Array(parameters.length);
      const lossSum = (): number => count * late.train(parameters, scratch);
      expect(gradientError(parameters, gradient, lossSum)).toBeLessThan(1e-7);
    });
  });
});

const model = sequenceModel(cellOf('lstm', I, 4), O);

test('a window in which nothing counts has loss NaN and gradient 0, and is walked all the same', () => {
  const { parameters, full } = exampleOf(model);
  const cut = new TruncatedBptt({ model, rows, loss, floats, every: 3, through: 6 });
  cut.input.set(full.input.subarray(0, 3 * rows * I));
  cut.mask.fill(0);
  const gradients = new Float64Array(parameters.length).fill(1);
  expect(cut.train(parameters, gradients)).toBeNaN();
  expect(gradients.every((g) => g === 0)).toBe(true);
  expect(cut.state.some((s) => s !== 0)).toBe(true);
});

test('after a restart nothing of the old series is left', () => {
  const { parameters } = exampleOf(model);
  const run = (cut: TruncatedBptt): Float64Array => {
    cut.input.fill(0.4);
    cut.target.fill(1);
    const gradients = new Float64Array(parameters.length);
    cut.train(parameters, gradients);
    return gradients;
  };
  const used = new TruncatedBptt({ model, rows, loss, floats, every: 2, through: 5 });
  for (let k = 0; k < 4; k++) run(used);
  used.restart();
  const fresh = new TruncatedBptt({ model, rows, loss, floats, every: 2, through: 5 });
  expect(run(used)).toEqual(run(fresh));
});

test('a window trains without leaving anything on the heap', () => {
  const { parameters } = exampleOf(model);
  const cut = new TruncatedBptt({ model, rows, loss, every: 2, through: 4 });
  const weights = Float32Array.from(parameters);
  const gradients = new Float32Array(parameters.length);
  const run = (windows: number): void => {
    for (let k = 0; k < windows; k++) cut.train(weights, gradients);
  };
  run(3000);
  const growths = [0, 1, 2].map(() => {
    const before = process.memoryUsage().heapUsed;
    run(10_000);
    return process.memoryUsage().heapUsed - before;
  });
  expect(growths.sort((a, b) => a - b)[1]).toBeLessThan(2_000_000);
});

test('k2 below k1 would leave losses out and is refused', () => {
  const options = { model, rows, loss, every: 4, through: 3 };
  expect(() => new TruncatedBptt(options)).toThrow('at least k1 and both above 0, were 3 and 4');
});
