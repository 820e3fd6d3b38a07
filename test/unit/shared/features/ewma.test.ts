import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ewmaRate, ewmaStep } from '#shared/features/ewma.ts';

test('after one half-life the old mean counts half', () => {
  for (const halfLifeTicks of [1, 10, 2000]) {
    let mean = 1;
    const rate = ewmaRate(halfLifeTicks);
    for (let k = 0; k < halfLifeTicks; k += 1) mean = ewmaStep(mean, 0, rate, 1e9);
    expect(mean).toBeCloseTo(0.5, 12);
  }
});

test('the first values are averaged plainly', () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
      const rate = ewmaRate(100);
      const mean = values.reduce((m, x, k) => ewmaStep(m, x, rate, k + 1), 0);
      const plain = values.reduce((sum, x) => sum + x, 0) / values.length;
      expect(Math.abs(mean - plain)).toBeLessThan(1e-8);
    }),
  );
});
