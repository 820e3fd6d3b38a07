import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adam } from '#shared/nn/optimisers/adam.ts';
import { adamWOptimiser } from '#shared/nn/optimisers/adamw.ts';
import type { Optimiser } from '#shared/nn/optimisers/optimiser.ts';
import { rmsProp } from '#shared/nn/optimisers/rmsprop.ts';
import { sgd } from '#shared/nn/optimisers/sgd.ts';
import { optimiserContract } from '#test/contract/optimiser.contract.ts';

interface Golden {
  readonly start: number[];
  readonly gradients: number[][];
  readonly learningRate: number;
  readonly steps: Record<string, number[][]>;
}

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../golden/optimisers.json'), 'utf8'),
) as Golden;

const OPTIMISERS: readonly (readonly [string, () => Optimiser])[] = [
  ['sgd', () => sgd()],
  ['momentum', () => sgd({ momentum: 0.9 })],
  ['nesterov', () => sgd({ momentum: 0.9, nesterov: true })],
  ['rmsProp', () => rmsProp()],
  ['adam', () => adam()],
  ['adamBetas', () => adam({ beta1: 0.8, beta2: 0.95, epsilon: 1e-4 })],
  ['adamW', () => adamWOptimiser({ weightDecay: 1e-2 })],
];

describe.each(OPTIMISERS)('%s', (name, make) => {
  optimiserContract(name, make);

  const largestError = (floats: Float32ArrayConstructor | Float64ArrayConstructor): number => {
    const optimiser = make();
    const parameters = floats.from(golden.start);
    const slots = Array.from({ length: optimiser.slots }, () => new floats(4));
    let largest = 0;
    golden.gradients.forEach((gradient, k) => {
      const rate = golden.learningRate;
      optimiser.update(parameters, floats.from(gradient), slots, k + 1, rate);
      const truth = golden.steps[name][k];
      const scale = Math.max(...truth.map(Math.abs));
      for (const [j, p] of parameters.entries()) {
        largest = Math.max(largest, Math.abs(p - truth[j]) / scale);
      }
    });
    return largest;
  };

  test("three steps are PyTorch's: test/golden/optimisers.py", () => {
    expect(largestError(Float64Array)).toBeLessThan(1e-15);
    expect(largestError(Float32Array)).toBeLessThan(1e-6);
  });
});

test('momentum must leave something to the gradient', () => {
  expect(() => sgd({ momentum: 1 })).toThrow('in [0, 1), was 1');
});
