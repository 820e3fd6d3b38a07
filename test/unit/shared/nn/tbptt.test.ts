import { expect, test } from 'vitest';
import { initialParameters } from '#shared/nn/initial-parameters.ts';
import { adamW } from '#shared/nn/optimisers/adamw.ts';
import { clipGradient } from '#shared/nn/optimisers/clip-gradient.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { Random } from '#shared/nn/random.ts';
import { Tbptt } from '#shared/nn/tbptt.ts';
import { gradientError } from '#test/builders/gradient-error.ts';

const levels = [0.1, 0.5, 0.9];
const shape = {
  cell: 'lstm' as const,
  layers: 1,
  inputSize: 3,
  hiddenSize: 4,
  headSize: 5,
  outputSize: 6,
};
const K = 2;

function exampleOf(windows: number, steps: number, dropout: number, seed = 'tbptt') {
  const walk = new Tbptt({ shape, levels, windows, steps, dropout, floats: Float64Array });
  const random = new Random(seed);
  for (let k = 0; k < walk.input.length; k++) walk.input[k] = random.normal();
  for (let k = 0; k < walk.target.length; k++) walk.target[k] = random.normal();
  for (let k = 0; k < walk.mask.length; k++) walk.mask[k] = random.next() < 0.8 ? 1 : 0;
  const start = walk.state.map(() => 0.5 * random.normal());
  walk.state.set(start);
  const parameters = Float64Array.from(initialParameters(shape, { levels, seed: 4 }));
  for (let k = 0; k < parameters.length; k++) parameters[k] += 0.2 * random.normal();
  return { walk, start, parameters };
}

test('the gradient of every network parameter agrees with central differences, dropout included', () => {
  const { walk, start, parameters } = exampleOf(3, 7, 0.3);
  const gradients = new Float64Array(parameters.length);
  const scratch = new Float64Array(parameters.length);
  const loss = (into: Float64Array): number => {
    walk.state.set(start);
    return walk.train(parameters, into, new Random('masks'));
  };
  loss(gradients);
  const error = gradientError(parameters, gradients, () => loss(scratch), 1e-6);
  expect(error).toBeLessThan(1e-8);
  expect(gradients.filter((g) => g !== 0).length).toBeGreaterThan(parameters.length * 0.95);
});

test('training without dropout sees the outputs and states of inference, bit for bit', () => {
  const windows = 3;
  const steps = 9;
  const walk = new Tbptt({ shape, levels, windows, steps, dropout: 0 });
  const random = new Random(8);
  for (let k = 0; k < walk.input.length; k++) walk.input[k] = random.normal();
  walk.mask.fill(1);
  for (let k = 0; k < walk.state.length; k++) walk.state[k] = 0.5 * random.normal();
  const parameters = initialParameters(shape, { levels, seed: 4 });
  const states = walk.state.slice() as Float32Array;
  const outputs = new Float32Array(windows * 6);
  const network = new QuantileNetwork(shape, parameters);
  for (let t = 0; t < steps; t++) {
    for (let b = 0; b < windows; b++) {
      expect(network.step(walk.input, (t * windows + b) * 3, states, b * 8, outputs, b * 6)).toBe(
        true,
      );
    }
  }
  walk.train(parameters, new Float32Array(parameters.length), new Random(1));
  expect(walk.lastOutput).toEqual(outputs);
  expect(walk.state).toEqual(states);
});

test('a carried state over short windows equals one long pass: losses and end state, bit for bit', () => {
  const { walk: long, start, parameters } = exampleOf(2, 12, 0);
  const short = new Tbptt({
    shape,
    levels,
    windows: 2,
    steps: 4,
    dropout: 0,
    floats: Float64Array,
  });
  short.state.set(start);
  let sum = 0;
  for (let part = 0; part < 3; part++) {
    short.input.set(long.input.subarray(part * 24, part * 24 + 24));
    short.target.set(long.target.subarray(part * 16, part * 16 + 16));
    short.mask.set(long.mask.subarray(part * 16, part * 16 + 16));
    sum += short.lossSum(parameters);
  }
  expect(long.lossSum(parameters)).toBeCloseTo(sum, 12);
  expect(short.state).toEqual(long.state);
});

test('truncation cuts at the window: with k2 >= T it is full BPTT, below it is not', () => {
  const { walk: full, start, parameters } = exampleOf(2, 8, 0);
  const fullGradients = new Float64Array(parameters.length);
  const pairs = full.pairs();
  full.train(parameters, fullGradients, new Random(1));
  const cut = new Tbptt({ shape, levels, windows: 2, steps: 4, dropout: 0, floats: Float64Array });
  cut.state.set(start);
  const sum = new Float64Array(parameters.length);
  const part = new Float64Array(parameters.length);
  for (let half = 0; half < 2; half++) {
    cut.input.set(full.input.subarray(half * 24, half * 24 + 24));
    cut.target.set(full.target.subarray(half * 16, half * 16 + 16));
    cut.mask.set(full.mask.subarray(half * 16, half * 16 + 16));
    const share = cut.pairs() / pairs;
    cut.train(parameters, part, new Random(1));
    for (let k = 0; k < sum.length; k++) sum[k] += share * (part[k] as number);
  }
  // The head has no memory: its gradients add up. The cell's do not, as what crosses the cut is lost.
  const lstm = 4 * 4 * (3 + 4 + 1);
  for (let k = lstm; k < sum.length; k++)
    expect(sum[k]).toBeCloseTo(fullGradients[k] as number, 12);
  const lost = sum.subarray(0, lstm).map((g, k) => Math.abs(g - (fullGradients[k] as number)));
  expect(Math.max(...lost)).toBeGreaterThan(1e-3);
});

test('a padded window of more steps than the series has the same gradient: k2 > T is full BPTT', () => {
  const { walk, start, parameters } = exampleOf(2, 6, 0);
  const longer = new Tbptt({
    shape,
    levels,
    windows: 2,
    steps: 10,
    dropout: 0,
    floats: Float64Array,
  });
  longer.input.set(walk.input);
  longer.target.set(walk.target);
  longer.mask.set(walk.mask);
  longer.state.set(start);
  const a = new Float64Array(parameters.length);
  const b = new Float64Array(parameters.length);
  expect(longer.train(parameters, b, new Random(1))).toBe(walk.train(parameters, a, new Random(1)));
  for (const [k, g] of b.entries()) expect(g).toBeCloseTo(a[k] as number, 14);
});

test('a batch in which nothing counts has loss NaN and gradient 0', () => {
  const { walk, parameters } = exampleOf(2, 3, 0);
  walk.mask.fill(0);
  const gradients = new Float64Array(parameters.length).fill(1);
  expect(walk.train(parameters, gradients, new Random(1))).toBeNaN();
  expect(gradients.every((g) => g === 0)).toBe(true);
});

test('a target behind the mask changes nothing, whatever it is', () => {
  const { walk, start, parameters } = exampleOf(2, 6, 0.2);
  const gradientsWith = (hidden: number): Float64Array => {
    const gradients = new Float64Array(parameters.length);
    for (let k = 0; k < walk.mask.length; k++) if (walk.mask[k] === 0) walk.target[k] = hidden;
    walk.state.set(start);
    walk.train(parameters, gradients, new Random(3));
    return gradients;
  };
  expect(gradientsWith(1e9)).toEqual(gradientsWith(Number.NaN));
});

test('a small network learns quantiles that depend on the past: its loss comes within 2 % of the least possible', () => {
  // The target's spread is 4 where the input four steps ago was positive, else .5: only memory tells it.
  const tiny = {
    cell: 'lstm' as const,
    layers: 1,
    inputSize: 1,
    hiddenSize: 8,
    headSize: 8,
    outputSize: 3,
  };
  const [windows, steps, lag] = [16, 24, 4];
  const walk = new Tbptt({ shape: tiny, levels, windows, steps, dropout: 0 });
  const random = new Random('learning');
  const draw = (): void => {
    walk.state.fill(0);
    for (let at = 0; at < steps * windows; at++) {
      const past = at < lag * windows ? 0 : (walk.input[at - lag * windows] as number);
      walk.input[at] = 2 * random.integer(2) - 1;
      walk.target[at] = random.normal() * (past > 0 ? 4 : 0.5);
      walk.mask[at] = past === 0 ? 0 : 1;
    }
  };
  const meanLoss = (weights: Float32Array): number => {
    let sum = 0;
    for (let k = 0; k < 40; k++) {
      draw();
      sum += walk.lossSum(weights) / walk.pairs();
    }
    return sum / 40;
  };
  const parameters = initialParameters(tiny, { levels, seed: 1 });
  // The mixture's 10 % quantile q solves .5 Phi(q / 4) + .5 Phi(q / .5) = .1: q = -3.366.
  const constant = new Float32Array(parameters.length);
  constant.set([-3.366, 0, 3.366], constant.length - 3);
  const bestConstant = meanLoss(constant);
  const gradients = new Float32Array(parameters.length);
  const moments = { first: gradients.slice(), second: gradients.slice() };
  for (let step = 1; step <= 1200; step++) {
    draw();
    walk.train(parameters, gradients, random);
    clipGradient(gradients, 1);
    adamW(parameters, gradients, moments, step, { learningRate: 1e-2, weightDecay: 0 });
  }
  // Closed form: the true conditional quantiles lose .8575 of what the best constant ones lose; without memory the ratio is 1.
  expect(meanLoss(parameters) / bestConstant).toBeLessThan(0.8575 * 1.02);
});

test('outputs must be a whole number of horizons', () => {
  const options = { levels, windows: 1, steps: 1, dropout: 0 };
  expect(() => new Tbptt({ ...options, shape: { ...shape, outputSize: 7 } })).toThrow(RangeError);
  expect(K * levels.length).toBe(shape.outputSize);
});
