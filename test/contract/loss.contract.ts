import { describe, expect, test } from 'vitest';
import { type Loss, lossSum } from '#shared/nn/losses/loss.ts';
import { Random } from '#shared/nn/random.ts';

/** What every loss promises; see shared/nn/losses/loss.ts. */
export function lossContract(name: string, loss: Loss): void {
  describe(`${name} is a loss`, () => {
    const P = loss.outputsPerTarget;
    const targets = 40;
    const random = new Random(`${name} example`);
    const outputs = Float64Array.from({ length: targets * P }, () => random.normal());
    const target = Float64Array.from(
      { length: targets },
      (_, k) => (k % 5 === 0 ? 30 : 1.5) * random.normal(),
    );
    const mask = Uint8Array.from({ length: targets }, (_, k) => (k % 4 === 3 ? 0 : 1));
    const gradient = new Float64Array(targets * P);
    const sum = (factor: number): number =>
      lossSum(loss, targets, outputs, 0, target, mask, 0, factor, gradient);

    test('the gradient agrees with central differences, scaled by the factor', () => {
      sum(0.25);
      const analytic = gradient.slice();
      for (let k = 0; k < outputs.length; k++) {
        const kept = outputs[k];
        outputs[k] = kept + 1e-5;
        const above = sum(1);
        outputs[k] = kept - 1e-5;
        const below = sum(1);
        outputs[k] = kept;
        const measured = (0.25 * (above - below)) / 2e-5;
        expect(Math.abs(measured - analytic[k])).toBeLessThan(1e-6 * (1 + Math.abs(measured)));
      }
      expect(analytic.filter((g) => g !== 0).length).toBeGreaterThan(targets * P * 0.6);
    });

    test('a target behind the mask adds nothing, has gradient 0 and is not looked at', () => {
      const before = sum(1);
      const wild = target.map((y, k) => (mask[k] === 0 ? Number.NaN : y));
      gradient.fill(7);
      expect(lossSum(loss, targets, outputs, 0, wild, mask, 0, 1, gradient)).toBe(before);
      expect([...gradient.subarray(3 * P, 4 * P)]).toEqual(new Array(P).fill(0));
    });

    test('a part of longer arrays gives the same, and nothing beside it is touched', () => {
      const alone = sum(1);
      const own = gradient.slice();
      const shifted = new Float64Array(5 + targets * P + 5).fill(3);
      shifted.set(outputs, 5);
      const into = new Float64Array(shifted.length).fill(9);
      const later = Float64Array.of(0, 0, ...target);
      const laterMask = Uint8Array.of(1, 1, ...mask);
      expect(lossSum(loss, targets, shifted, 5, later, laterMask, 2, 1, into)).toBe(alone);
      expect(into.slice(5, -5)).toEqual(own);
      expect([...into.slice(0, 5), ...into.slice(-5)]).toEqual(new Array(10).fill(9));
    });

    test('what is not a number gives a loss that says so', () => {
      const broken = new Float64Array(P).fill(Number.NaN);
      expect(loss.at(broken, 0, 1, 1, new Float64Array(P))).toBeNaN();
    });
  });
}
