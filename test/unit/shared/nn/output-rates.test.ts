import { expect, test } from 'vitest';
import type { NetworkShape } from '#shared/nn/network-shape.ts';
import { adamW } from '#shared/nn/optimisers/adamw.ts';
import { outputRates } from '#shared/nn/output-rates.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';

const shape: NetworkShape = {
  cell: 'lstm',
  layers: 1,
  inputSize: 3,
  hiddenSize: 4,
  headSize: 5,
  outputSize: 6,
};
const rates = outputRates(shape, [1, 0.25]);

test('what has the rate of a target changes its outputs and no other', () => {
  const said = (change: (k: number) => number): readonly number[] => {
    const parameters = rates.map((_, k) => 0.1 + change(k));
    const network = new QuantileNetwork(shape, parameters, 'reference');
    const output = new Float32Array(shape.outputSize);
    network.step(Float32Array.of(1, 2, 3), 0, new Float32Array(8), 0, output, 0);
    return Array.from(output);
  };
  const before = said(() => 0);
  const after = said((k) => (rates[k] === 0.25 ? 0.01 * (1 + (k % 3)) : 0));
  expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
  for (const [o, output] of after.slice(3).entries()) expect(output).not.toBe(before[3 + o]);
  // Three outputs with a row of h and x, one of the hidden layer, and two biases each.
  expect(rates.filter((rate) => rate === 0.25)).toHaveLength(3 * (7 + 5 + 2));
  expect(rates.filter((rate) => rate === 1)).toHaveLength(rates.length - 42);
});

test('a parameter with a quarter of the rate takes a quarter of the step, decay included', () => {
  const moved = (rate: number): number => {
    const parameters = Float64Array.of(2);
    const moments = { first: new Float64Array(1), second: new Float64Array(1) };
    const options = { learningRate: 1e-3, weightDecay: 1e-2, rates: Float64Array.of(rate) };
    adamW(parameters, Float64Array.of(0.3), moments, 1, options);
    return parameters[0] - 2;
  };
  expect(moved(0.25)).toBeCloseTo(moved(1) / 4, 12);
});
