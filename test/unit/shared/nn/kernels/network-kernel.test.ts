import { afterEach, expect, test, vi } from 'vitest';
import { initialParameters } from '#shared/nn/initial-parameters.ts';
import type { KernelName } from '#shared/nn/kernels/kernel.ts';
import { networkKernel } from '#shared/nn/kernels/network-kernel.ts';
import type { NetworkShape } from '#shared/nn/network-shape.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { Random } from '#shared/nn/random.ts';

const shape: NetworkShape = {
  ...{ cell: 'lstm', layers: 1 },
  ...{ inputSize: 6, hiddenSize: 5, headSize: 7, outputSize: 3 },
};

afterEach(() => vi.unstubAllGlobals());

/** State and outputs after some steps. */
function walked(of: NetworkShape, kernel: KernelName): Float32Array {
  const parameters = initialParameters(of, { levels: [0.1, 0.5, 0.9], seed: 5 });
  const network = new QuantileNetwork(of, parameters, kernel);
  const random = new Random('walk');
  const state = new Float32Array(network.stateSize);
  const output = new Float32Array(of.outputSize);
  for (let t = 0; t < 30; t++) {
    const input = Float32Array.from({ length: of.inputSize }, () => random.normal());
    expect(network.step(input, 0, state, 0, output, 0)).toBe(true);
  }
  return Float32Array.of(...state, ...output);
}

test('the wasm kernel has other bits than the reference, and the same numbers to 1e-5', () => {
  const [found, known] = [walked(shape, 'wasm'), walked(shape, 'reference')];
  expect(found).not.toEqual(known);
  for (const [k, value] of found.entries()) expect(value).toBeCloseTo(known[k] as number, 5);
});

test.each([{ cell: 'gru' as const }, { layers: 2 }])(
  'a network with %j runs on the reference, whichever kernel is named',
  (other) => {
    const of = { ...shape, ...other };
    expect(walked(of, 'wasm')).toEqual(walked(of, 'reference'));
    expect(walked(of, 'wasm-fma')).toEqual(walked(of, 'reference'));
  },
);

test('the fused kernel gives the numbers of wasm to 1e-5, though both have the same sizes', () => {
  const [found, known] = [walked(shape, 'wasm-fma'), walked(shape, 'wasm')];
  for (const [k, value] of found.entries()) expect(value).toBeCloseTo(known[k] as number, 5);
});

test('networks of one size keep their own weights, however their steps alternate', () => {
  const networks = [1, 2, 1].map((seed) => {
    const parameters = initialParameters(shape, { levels: [0.1, 0.5, 0.9], seed });
    return new QuantileNetwork(shape, parameters, 'wasm');
  });
  const input = Float32Array.of(1, -1, 0.5, 0, 2, -2);
  const states = networks.map((network) => new Float32Array(network.stateSize));
  for (let t = 0; t < 5; t++) {
    for (const [k, network] of networks.entries()) {
      network.carry(input, 0, states[k] as Float32Array, 0);
    }
  }
  expect(states[0]).toEqual(states[2]);
  expect(states[0]).not.toEqual(states[1]);
});

test('a host without vectors refuses the wasm kernel, and runs the reference', () => {
  vi.stubGlobal('WebAssembly', undefined);
  const size = { shape, rows: 1, steps: 1, isTrained: false };
  expect(() => networkKernel('wasm', size)).toThrow(
    expect.objectContaining({ code: 'KERNEL_MISSING' }),
  );
  expect(networkKernel('reference', size).stateSize).toBe(10);
});

test('a host without relaxed vectors refuses the fused kernel only', () => {
  const size = { shape, rows: 1, steps: 1, isTrained: false };
  const relaxed = Buffer.of(0xfd, 0x85, 0x02);
  const { Module, Instance } = Reflect.get(globalThis, 'WebAssembly');
  vi.stubGlobal('WebAssembly', {
    ...{ Module, Instance },
    validate: (bytes: Uint8Array) => !Buffer.from(bytes).includes(relaxed),
  });
  expect(() => networkKernel('wasm-fma', size)).toThrow(
    expect.objectContaining({ code: 'KERNEL_MISSING' }),
  );
  expect(networkKernel('wasm', size).stateSize).toBe(10);
});
