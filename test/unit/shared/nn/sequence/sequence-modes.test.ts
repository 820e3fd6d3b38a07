import { describe, expect, test } from 'vitest';
import { CELL_KINDS, cellOf } from '#shared/nn/cells/cell-kinds.ts';
import { gaussianLoss } from '#shared/nn/losses/gaussian.ts';
import { squaredLoss } from '#shared/nn/losses/squared.ts';
import { Random } from '#shared/nn/random.ts';
import { Bptt } from '#shared/nn/sequence/bptt.ts';
import { EncoderDecoder } from '#shared/nn/sequence/encoder-decoder.ts';
import type { SequenceMode } from '#shared/nn/sequence/sequence-mode.ts';
import { initialiseModel, sequenceModel } from '#shared/nn/sequence/sequence-model.ts';
import { manyToMany, manyToOne, oneToMany, oneToOne } from '#shared/nn/sequence/sequence-modes.ts';
import { stackedCell } from '#shared/nn/stack.ts';
import { gradientError } from '#test/builders/gradient-error.ts';

const rows = 3;
const steps = 6;
const floats = Float64Array;
const loss = squaredLoss;

function draw(mode: SequenceMode, random: Random): void {
  for (let k = 0; k < mode.input.length; k++) mode.input[k] = random.normal();
  for (let k = 0; k < mode.target.length; k++) mode.target[k] = random.normal();
  for (let k = 0; k < mode.mask.length; k++) mode.mask[k] = k === 0 || random.next() < 0.7 ? 1 : 0;
}

function drawnParameters(count: number, random: Random): Float64Array {
  return Float64Array.from({ length: count }, () => 0.5 * random.normal());
}

/** Central differences of the mean loss against the gradient of `train`. */
function errorOf(mode: SequenceMode, count: number): number {
  const random = new Random('modes');
  draw(mode, random);
  const parameters = drawnParameters(count, random);
  const gradients = new Float64Array(count).fill(5);
  mode.train(parameters, gradients);
  const scratch = new Float64Array(count);
  return gradientError(parameters, gradients, () => mode.train(parameters, scratch));
}

describe.each(CELL_KINDS)('with %s cells', (kind) => {
  const model = sequenceModel(cellOf(kind, 2, 4), 2);
  const options = { model, rows, loss, floats };

  test.each([
    ['one-to-one', oneToOne(options)],
    ['one-to-many', oneToMany({ ...options, steps })],
    ['many-to-one', manyToOne({ ...options, steps })],
    ['many-to-many', manyToMany({ ...options, steps })],
    ['primed roll-out', new Bptt({ ...options, steps, given: 3, readFrom: 1 })],
  ])('the gradient of %s agrees with central differences', (_name, mode) => {
    const random = new Random(1);
    for (let k = 0; k < mode.start.length; k++) mode.start[k] = 0.3 * random.normal();
    expect(errorOf(mode, model.parameterCount)).toBeLessThan(1e-8);
  });

  test.each(['own', 'given'] as const)(
    'the gradient of encoder-decoder, fed its %s, agrees with central differences',
    (feed) => {
      const encoder = sequenceModel(cellOf(kind, 3, 4), 0);
      const mode = new EncoderDecoder({ ...options, encoder, inputSteps: 4, outputSteps: 5, feed });
      mode.decoderInput.fill(0.3);
      expect(errorOf(mode, mode.parameterCount)).toBeLessThan(1e-8);
    },
  );
});

test('a stack and a loss of several outputs go through every mode', () => {
  const layers = [
    { kind: 'gru', hiddenSize: 3 },
    { kind: 'lstm', hiddenSize: 4 },
  ] as const;
  const model = sequenceModel(stackedCell(2, layers), 4);
  const mode = manyToMany({ model, rows, steps, loss: gaussianLoss, floats });
  expect(mode.target.length).toBe(steps * rows * 2);
  expect(errorOf(mode, model.parameterCount)).toBeLessThan(1e-8);
});

test('the gradient of the start state agrees with central differences', () => {
  const model = sequenceModel(cellOf('lstm', 2, 4), 2);
  const mode = manyToOne({ model, rows, steps, loss, floats });
  const random = new Random(2);
  draw(mode, random);
  const parameters = drawnParameters(model.parameterCount, random);
  const scratch = new Float64Array(parameters.length);
  const start = mode.start as Float64Array;
  mode.train(parameters, scratch);
  const dStart = mode.dStart.slice() as Float64Array;
  expect(gradientError(start, dStart, () => mode.train(parameters, scratch))).toBeLessThan(1e-8);
});

test('a roll-out is the step by step loop of one that reads its own words', () => {
  const model = sequenceModel(cellOf('gru', 2, 4), 2);
  const random = new Random(3);
  const parameters = drawnParameters(model.parameterCount, random);
  const rollOut = oneToMany({ model, rows, steps, loss, floats });
  draw(rollOut, random);
  rollOut.forward(parameters);
  const single = oneToOne({ model, rows, loss, floats });
  single.input.set(rollOut.input);
  for (let t = 0; t < steps; t++) {
    single.forward(parameters);
    const size = rows * 2;
    expect(single.output).toEqual(rollOut.output.subarray(t * size, t * size + size));
    single.start.set(single.state);
    single.input.set(single.output);
  }
});

test('many-to-one says what many-to-many says last', () => {
  const model = sequenceModel(cellOf('lstm', 2, 4), 2);
  const random = new Random(4);
  const parameters = drawnParameters(model.parameterCount, random);
  const all = manyToMany({ model, rows, steps, loss, floats });
  const last = manyToOne({ model, rows, steps, loss, floats });
  draw(all, random);
  last.input.set(all.input);
  all.forward(parameters);
  last.forward(parameters);
  expect(last.output).toEqual(all.output.subarray(-rows * 2));
});

test('a target behind the mask changes nothing; where nothing counts the loss is NaN and the gradient 0', () => {
  const model = sequenceModel(cellOf('rnn', 2, 4), 2);
  const mode = oneToMany({ model, rows, steps, loss, floats });
  const random = new Random(5);
  draw(mode, random);
  const parameters = drawnParameters(model.parameterCount, random);
  const gradientsWith = (hidden: number): Float64Array => {
    const gradients = new Float64Array(parameters.length);
    for (let k = 0; k < mode.mask.length; k++) if (mode.mask[k] === 0) mode.target[k] = hidden;
    expect(mode.train(parameters, gradients)).toBeGreaterThan(0);
    return gradients;
  };
  expect(gradientsWith(Number.NaN)).toEqual(gradientsWith(1e9));
  mode.mask.fill(0);
  const gradients = new Float64Array(parameters.length).fill(1);
  expect(mode.train(parameters, gradients)).toBeNaN();
  expect(gradients.every((g) => g === 0)).toBe(true);
});

test('an untrained model depends on its seed alone, and its readout begins without bias', () => {
  const model = sequenceModel(cellOf('lstm', 2, 4), 3);
  const parameters = [7, 7, 8].map((seed) => {
    const into = new Float32Array(model.parameterCount + 1);
    initialiseModel(model, into, 1, new Random(seed));
    return into;
  });
  expect(parameters[0]).toEqual(parameters[1]);
  expect(parameters[0]).not.toEqual(parameters[2]);
  expect([...parameters[0].slice(-3)]).toEqual([0, 0, 0]);
  expect(parameters[0][0]).toBe(0);
});

test('what does not fit is refused with what was found', () => {
  const model = sequenceModel(cellOf('rnn', 2, 4), 3);
  const options = { model, rows, steps, loss };
  expect(() => oneToMany(options)).toThrow('feeds 3 outputs, read from step 0, to 2 inputs');
  expect(() => new Bptt({ ...options, given: 7, readFrom: 0 })).toThrow('1 to 6');
  expect(() => manyToMany({ ...options, loss: gaussianLoss })).toThrow("loss's 2, were 3");
  const encoder = sequenceModel(cellOf('lstm', 2, 4), 0);
  const lengths = { inputSteps: 2, outputSteps: 2, feed: 'given' } as const;
  expect(() => new EncoderDecoder({ ...options, encoder, ...lengths })).toThrow(
    'must have 4, had 8',
  );
});
