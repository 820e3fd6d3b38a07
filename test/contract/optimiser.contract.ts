import { describe, expect, test } from 'vitest';
import type { Optimiser } from '#shared/nn/optimisers/optimiser.ts';

/** What every optimiser promises; see shared/nn/optimisers/optimiser.ts. */
export function optimiserContract(name: string, make: () => Optimiser): void {
  describe(`${name} is an optimiser`, () => {
    const CURVATURE = [1, 3, 0.3, 10];
    const TARGET = [2, -1, 0.5, -3];
    const slotsOf = (optimiser: Optimiser): Float64Array[] =>
      Array.from({ length: optimiser.slots }, () => new Float64Array(4));
    const descend = (
      optimiser: Optimiser,
      parameters: Float64Array,
      slots: readonly Float64Array[],
      [from, to]: readonly [number, number],
    ): void => {
      const gradients = new Float64Array(4);
      for (let step = from; step <= to; step++) {
        for (let k = 0; k < 4; k++) gradients[k] = CURVATURE[k] * (parameters[k] - TARGET[k]);
        optimiser.update(parameters, gradients, slots, step, 0.02);
      }
    };

    test('it goes down a quadratic to within 5 % of the start', () => {
      const optimiser = make();
      const parameters = new Float64Array(4);
      descend(optimiser, parameters, slotsOf(optimiser), [1, 1500]);
      const left = parameters.map((p, k) => Math.abs(p - TARGET[k]) / Math.abs(TARGET[k]));
      expect(Math.max(...left)).toBeLessThan(0.05);
    });

    test('equal gradients make equal steps, also of another instance', () => {
      const ends = [0, 1].map(() => {
        const optimiser = make();
        const parameters = Float64Array.of(1, 1, 1, 1);
        descend(optimiser, parameters, slotsOf(optimiser), [1, 57]);
        return parameters;
      });
      expect(ends[0]).toEqual(ends[1]);
    });

    test('from copied slots and the number of the step it goes on to the bit', () => {
      const optimiser = make();
      const whole = new Float64Array(4);
      const wholeSlots = slotsOf(optimiser);
      descend(optimiser, whole, wholeSlots, [1, 40]);
      const first = new Float64Array(4);
      const firstSlots = slotsOf(optimiser);
      descend(optimiser, first, firstSlots, [1, 23]);
      const second = first.slice();
      const secondSlots = firstSlots.map((slot) => slot.slice());
      descend(make(), second, secondSlots, [24, 40]);
      expect(second).toEqual(whole);
      expect(secondSlots).toEqual(wholeSlots);
    });

    test('gradients are only read, and float32 storage works', () => {
      const optimiser = make();
      const gradients = Float32Array.of(1, -2);
      const parameters = Float32Array.of(1, 1);
      const slots = Array.from({ length: optimiser.slots }, () => new Float32Array(2));
      optimiser.update(parameters, gradients, slots, 1, 0.1);
      expect([...gradients]).toEqual([1, -2]);
      expect(parameters[0]).toBeLessThan(1);
      expect(parameters[1]).toBeGreaterThan(1);
    });

    test('a hundred thousand steps leave nothing on the heap', () => {
      const optimiser = make();
      const parameters = new Float64Array(4);
      const slots = slotsOf(optimiser);
      const gradients = new Float64Array(4).fill(1e-3);
      const run = (steps: number): void => {
        for (let step = 1; step <= steps; step++) {
          gradients[step % 4] *= -1;
          optimiser.update(parameters, gradients, slots, step, 1e-3);
        }
      };
      run(20_000);
      const growths = [0, 1, 2].map(() => {
        const before = process.memoryUsage().heapUsed;
        run(100_000);
        return process.memoryUsage().heapUsed - before;
      });
      // One small object a step would be megabytes. A collection hides it once: hence the median of three.
      expect(growths.sort((a, b) => a - b)[1]).toBeLessThan(1_000_000);
    });
  });
}
