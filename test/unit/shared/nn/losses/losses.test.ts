import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gaussianLoss } from '#shared/nn/losses/gaussian.ts';
import { huberLoss } from '#shared/nn/losses/huber.ts';
import type { Loss } from '#shared/nn/losses/loss.ts';
import { pinballLoss } from '#shared/nn/losses/pinball.ts';
import { squaredLoss } from '#shared/nn/losses/squared.ts';
import { studentTLearnedLoss, studentTLoss } from '#shared/nn/losses/student-t.ts';
import { lossContract } from '#test/contract/loss.contract.ts';

interface GoldenCase {
  readonly outputs: number[];
  readonly target: number;
  readonly loss: number;
  readonly gradient: number[];
}

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../golden/losses.json'), 'utf8'),
) as Record<string, GoldenCase[]>;

const LOSSES: readonly (readonly [string, Loss])[] = [
  ['squared', squaredLoss],
  ['huber', huberLoss(0.7)],
  ['gaussian', gaussianLoss],
  ['studentT', studentTLoss(3.5)],
  ['studentTLearned', studentTLearnedLoss],
  ['pinball', pinballLoss({ levels: [0.1, 0.5, 0.9], weights: [0.4, 1, 0.6] })],
];

describe.each(LOSSES)('%s', (name, loss) => {
  lossContract(name, loss);

  test("value and gradient are PyTorch's to 1e-12: test/golden/losses.py", () => {
    const cases = golden[name];
    expect(cases.length).toBe(12);
    for (const one of cases) {
      const gradient = new Float64Array(loss.outputsPerTarget);
      const value = loss.at(Float64Array.from(one.outputs), 0, one.target, 1, gradient);
      expect(Math.abs(value - one.loss)).toBeLessThan(1e-12 * (1 + Math.abs(one.loss)));
      for (const [k, g] of gradient.entries()) {
        expect(Math.abs(g - one.gradient[k])).toBeLessThan(1e-12 * (1 + Math.abs(one.gradient[k])));
      }
    }
  });
});

const slopes = (loss: Loss, outputs: readonly number[], target: number): number[] => {
  const gradient = new Float64Array(outputs.length);
  expect(loss.at(Float64Array.from(outputs), 0, target, 1, gradient)).not.toBeNaN();
  return [...gradient];
};

test("Huber's slope stops at its bound", () => {
  expect(slopes(huberLoss(0.7), [1e30], 0)).toEqual([0.7]);
  expect(slopes(huberLoss(0.7), [0], 1e30)).toEqual([-0.7]);
  expect(() => huberLoss(0)).toThrow('above 0, was 0');
});

test("Student's slopes stay within (n + 1) e^-s / (2 sqrt n) and (-n, 1], however wild the target", () => {
  const n = 3.5;
  for (let k = -300; k <= 300; k++) {
    const [location, scale] = slopes(studentTLoss(n), [0, 0.5], 1.3 ** k);
    expect(Math.abs(location)).toBeLessThanOrEqual(((n + 1) * Math.exp(-0.5)) / (2 * Math.sqrt(n)));
    expect(scale).toBeGreaterThanOrEqual(-n - 1e-14);
    expect(scale).toBeLessThanOrEqual(1);
  }
  expect(() => studentTLoss(0)).toThrow('above 0, were 0');
});

test('with many degrees of freedom Student is Gaussian', () => {
  const t = new Float64Array(2);
  const g = new Float64Array(2);
  const outputs = Float64Array.of(0.3, -0.4);
  const far = studentTLoss(1e6).at(outputs, 0, 1.1, 1, t) - gaussianLoss.at(outputs, 0, 1.1, 1, g);
  expect(Math.abs(far)).toBeLessThan(1e-5);
  expect(t[0]).toBeCloseTo(g[0], 4);
});

test('outside its bounds a log-scale keeps only the slope that leads back inside', () => {
  expect(slopes(gaussianLoss, [0, -500], 0)).toEqual([-0, 0]);
  expect(slopes(gaussianLoss, [0, -500], 1)[1]).toBeLessThan(0);
  expect(slopes(gaussianLoss, [0, 500], 1)[1]).toBeGreaterThan(0.9);
  expect(slopes(studentTLearnedLoss, [0, 0, 1e6], 1e3)[2]).toBeGreaterThan(0);
  expect(slopes(studentTLearnedLoss, [0, 0, 1e6], 1)[2]).toBe(0);
});

test('gradient descent on the likelihoods finds the law that drew the targets', () => {
  const targets = Float64Array.from(
    { length: 99 },
    (_, k) => 5 + 2 * ((k - 49) / 28.577380332470412),
  );
  const outputs = Float64Array.of(0, 0);
  const gradient = new Float64Array(2);
  for (let step = 0; step < 3000; step++) {
    const sum = [0, 0];
    for (const y of targets) {
      gaussianLoss.at(outputs, 0, y, 1 / 99, gradient);
      sum[0] += gradient[0];
      sum[1] += gradient[1];
    }
    outputs[0] -= 0.05 * sum[0];
    outputs[1] -= 0.05 * sum[1];
  }
  // The targets' mean is 5 and their standard deviation, as the likelihood counts it, is 2.
  expect(outputs[0]).toBeCloseTo(5, 6);
  expect(outputs[1]).toBeCloseTo(Math.log(2), 6);
});
