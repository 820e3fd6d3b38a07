import { expect, test } from 'vitest';
import { initialParameters } from '#shared/nn/initial-parameters.ts';
import { inferenceKernel } from '#shared/nn/kernels/inference-kernel.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { Random } from '#shared/nn/random.ts';

const shape = {
  cell: 'lstm' as const,
  layers: 1,
  inputSize: 6,
  hiddenSize: 5,
  headSize: 7,
  outputSize: 9,
};
const levels = [0.1, 0.5, 0.9];

function example() {
  const parameters = initialParameters(shape, { levels, seed: 2 });
  const random = new Random(3);
  const input = Float32Array.from({ length: 12 }, () => random.normal());
  return { parameters, input };
}

test('state and output move within their own places only', () => {
  const { parameters, input } = example();
  const network = new QuantileNetwork(shape, parameters);
  const state = new Float32Array(30).fill(7);
  state.fill(0, 10, 20);
  const output = new Float32Array(20).fill(7);
  expect(network.step(input, 6, state, 10, output, 4)).toBe(true);
  expect([...state.subarray(0, 10), ...state.subarray(20)].every((v) => v === 7)).toBe(true);
  expect([...output.subarray(0, 4), ...output.subarray(13)].every((v) => v === 7)).toBe(true);
  expect(state.subarray(10, 20).every((v) => v !== 0)).toBe(true);
});

test('carry gives the state of step', () => {
  const { parameters, input } = example();
  const network = new QuantileNetwork(shape, parameters);
  const a = new Float32Array(10);
  const b = new Float32Array(10);
  for (let k = 0; k < 20; k++) {
    network.step(input, 6 * (k % 2), a, 0, new Float32Array(9), 0);
    network.carry(input, 6 * (k % 2), b, 0);
  }
  expect(b).toEqual(a);
});

test('a step that is not finite is refused and changes neither state nor output', () => {
  const { parameters, input } = example();
  const state = new Float32Array(10).fill(0.25);
  const output = new Float32Array(9).fill(7);
  const refuse = (change: (p: Float32Array, i: Float32Array) => void): void => {
    const p = parameters.slice();
    const i = input.slice();
    change(p, i);
    expect(new QuantileNetwork(shape, p).step(i, 0, state, 0, output, 0)).toBe(false);
    expect(state.every((v) => v === 0.25) && output.every((v) => v === 7)).toBe(true);
  };
  refuse((_, i) => {
    i[2] = Number.NaN;
  });
  refuse((p) => {
    p[0] = Number.NaN;
  });
  refuse((p) => {
    p[p.length - 1] = Infinity;
  });
  refuse((p) => {
    p[p.length - 1] = Number.NaN;
  });
});

test('parameters of another length are refused', () => {
  expect(() => new QuantileNetwork(shape, new Float32Array(3))).toThrow(RangeError);
});

test.each(['wasm', 'reference'] as const)(
  'networks that step in turns on one %s kernel say what each says alone',
  (kernel) => {
    const { parameters, input } = example();
    const others = initialParameters(shape, { levels, seed: 9 });
    const networks = [parameters, others].map((own) => new QuantileNetwork(shape, own, kernel));
    const fresh = () =>
      networks.map(() => ({ state: new Float32Array(10), output: new Float32Array(9) }));
    const [alone, inTurns] = [fresh(), fresh()];
    const step = (all: typeof alone, n: number, k: number) =>
      networks[n].step(input, 6 * (k % 2), all[n].state, 0, all[n].output, 0);
    for (const n of [0, 1]) for (let k = 0; k < 20; k++) step(alone, n, k);
    for (let k = 0; k < 20; k++) for (const n of [0, 1]) step(inTurns, n, k);
    expect(inTurns).toEqual(alone);
    expect(alone[0]).not.toEqual(alone[1]);
    expect(inferenceKernel(kernel, shape, Float32Array)).toBe(
      inferenceKernel(kernel, { ...shape }, Float32Array),
    );
  },
);
