import { expect, test } from 'vitest';
import { SimplexWeights } from '#shared/forecast/series/simplex-weights.ts';
import { Random } from '#shared/nn/random.ts';

function weightsAfter(
  steps: number,
  errorsAt: (random: Random, t: number) => readonly number[],
  overlap = 1,
): number[] {
  const random = new Random(12);
  const experts = errorsAt(new Random(0), 0).length;
  const weights = new SimplexWeights({ experts, forgetting: 0.9995, overlap });
  const state = new Float64Array(weights.slots);
  for (let t = 0; t < steps; t += 1) {
    weights.learn(state, 0, Float64Array.from(errorsAt(random, t)));
  }
  return Array.from({ length: experts }, (_, j) => weights.weight(state, 0, j));
}

test('a fresh start believes the first expert', () => {
  expect(weightsAfter(0, () => [1, 1, 1, 1])).toEqual([1, 0, 0, 0]);
});

test('of two experts that err on their own, the better gets the weight that least squares would give it', () => {
  const [good, bad] = weightsAfter(20_000, (random) => [random.normal(), 2 * random.normal()]);
  // Inverse variances are 1 and 1/4.
  expect(good).toBeGreaterThan(0.77);
  expect(good).toBeLessThan(0.83);
  expect(good + bad).toBeCloseTo(1, 12);
});

test('two experts that say the same share what one of them would get', () => {
  const found = weightsAfter(20_000, (random) => {
    const twin = random.normal();
    return [twin, twin, random.normal()];
  });
  expect(found[0] + found[1]).toBeGreaterThan(0.45);
  expect(found[0] + found[1]).toBeLessThan(0.6);
});

test('where errors overlap, an expert that is hardly better than the first gets little of its weight', () => {
  // The first says nothing; the second adds noise to a faint true sign, as a ridge does on a random walk.
  const errorsAt = (random: Random) => {
    const truth = random.normal();
    return [-truth, 0.2 * random.normal() - 0.98 * truth];
  };
  const [, alone] = weightsAfter(5000, errorsAt);
  const [, overlapping] = weightsAfter(5000, errorsAt, 100);
  expect(alone).toBeGreaterThan(2 * overlapping);
  expect(overlapping).toBeLessThan(0.25);
});

test('an expert that turns good is found again', () => {
  const found = weightsAfter(12_000, (random, t) =>
    t < 4000 ? [random.normal(), 5 * random.normal()] : [5 * random.normal(), random.normal()],
  );
  expect(found[1]).toBeGreaterThan(0.8);
});

test('errors that are all zero change nothing', () => {
  expect(weightsAfter(10, () => [0, 0])).toEqual([1, 0]);
});
