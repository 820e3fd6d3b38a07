import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  constantRate,
  cosineRate,
  type LearningRate,
  stepRate,
  warmUp,
} from '#shared/nn/optimisers/learning-rate.ts';

const { rates } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../golden/optimisers.json'), 'utf8'),
) as { rates: Record<string, number[]> };

test.each<[string, LearningRate]>([
  ['step', stepRate({ rate: 0.4, every: 3, factor: 0.5 })],
  ['cosine', cosineRate({ rate: 0.4, lowest: 0.02, updates: 10 })],
])("the %s schedule is PyTorch's: test/golden/optimisers.py", (name, rateOf) => {
  expect(rates[name].length).toBeGreaterThan(9);
  for (const [k, rate] of rates[name].entries()) expect(rateOf(k + 1)).toBeCloseTo(rate, 14);
});

test("warm-up rises in a straight line to PyTorch's, and hands over at the full rate", () => {
  const rateOf = warmUp(5, constantRate(0.4));
  for (const [k, rate] of rates['warmUp'].entries()) expect(rateOf(k + 1)).toBeCloseTo(rate, 14);
  const falling = warmUp(4, cosineRate({ rate: 1, updates: 6 }));
  expect(Array.from({ length: 12 }, (_, k) => Number(falling(k + 1).toFixed(3)))).toEqual([
    0.25, 0.5, 0.75, 1, 1, 0.933, 0.75, 0.5, 0.25, 0.067, 0, 0,
  ]);
});

test('the cosine stays at its lowest after its end', () => {
  const rateOf = cosineRate({ rate: 1, lowest: 0.1, updates: 10 });
  expect([11, 12, 1e9].map(rateOf)).toEqual([0.1, 0.1, 0.1]);
});
