import { describe, expect, test } from 'vitest';
import { BernsteinWeights } from '#shared/forecast/experts/bernstein-weights.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { Random } from '#shared/nn/random.ts';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';

const levels = TICK_LEVELS;
const L = levels.length;
const gaussian = Float64Array.from(levels, normalQuantile);

/** Truths are standard normal; expert j says `spread[j]` times its quantiles. Two truths each, one after the other. */
function weightsAfter(steps: number, spreadAt: (t: number) => readonly number[]): number[] {
  const experts = spreadAt(0).length;
  const prior = new Array<number>(experts).fill(1 / experts);
  const weights = new BernsteinWeights({ levels, prior, overlap: 1 });
  const state = new Float64Array(weights.slots);
  const rows = new Float64Array(experts * L);
  const issued = new Float32Array((experts + 1) * L);
  const mix = { mixed: new Float64Array(L), shares: new Float64Array(experts) };
  const random = new Random(2);
  for (let origin = 1; origin <= steps; origin += 1) {
    spreadAt(origin).forEach((spread, j) => {
      for (let l = 0; l < L; l += 1) rows[j * L + l] = spread * gaussian[l];
    });
    weights.mix(state, 0, rows, mix);
    issued.set(rows);
    issued.set(mix.mixed, rows.length);
    const happened = random.normal();
    weights.learn(state, 0, { rows: issued, at: 0 }, { happened, tie: 0, turn: origin });
  }
  weights.mix(state, 0, rows, mix);
  return Array.from(mix.shares);
}

test('at the start the mix is what the prior says', () => {
  const weights = new BernsteinWeights({ levels, prior: [0.5, 0.375, 0.125], overlap: 1 });
  const state = new Float64Array(weights.slots);
  const mix = { mixed: new Float64Array(L), shares: new Float64Array(3) };
  const rows = Float64Array.from(
    { length: 3 * L },
    (_, k) => (1 + Math.floor(k / L)) * gaussian[k % L],
  );
  weights.mix(state, 0, rows, mix);
  expect(Array.from(mix.shares, (share) => share.toFixed(12))).toEqual([
    '0.500000000000',
    '0.375000000000',
    '0.125000000000',
  ]);
  mix.mixed.forEach((quantile, l) => {
    expect(quantile).toBeCloseTo(1.625 * gaussian[l], 12);
  });
});

test('twins keep the ratio of their prior, whatever the others do', () => {
  const weights = new BernsteinWeights({ levels, prior: [0.2, 0.6, 0.2], overlap: 1 });
  const state = new Float64Array(weights.slots);
  const random = new Random(3);
  for (let origin = 1; origin <= 50; origin += 1) {
    const rows = Float32Array.from(
      { length: 4 * L },
      (_, k) => [1, 1, 1.3, 1.1][Math.floor(k / L)] * gaussian[k % L],
    );
    const outcome = { happened: random.normal(), tie: 0, turn: origin };
    weights.learn(state, 0, { rows, at: 0 }, outcome);
  }
  const mix = { mixed: new Float64Array(L), shares: new Float64Array(3) };
  weights.mix(state, 0, new Float64Array(3 * L), mix);
  const [first, second, third] = mix.shares;
  // A hundredth is shared alike, but in the middle, where nobody said anything else and the prior stands.
  const kept = (0.01 / 3) * (20 / 21);
  expect((second - kept) / (first - kept)).toBeCloseTo(3, 9);
  expect(Math.abs((first - kept) / (third - kept) - 1)).toBeGreaterThan(0.01);
});

test('the weight goes to the expert that is right', () => {
  const [right, narrow, wide] = weightsAfter(6000, () => [1, 0.3, 3]);
  expect(right).toBeGreaterThan(0.7);
  expect(right + narrow + wide).toBeCloseTo(1, 12);
});

test('weights sum to one, and none falls below its share of the hundredth that is kept', () => {
  const found = weightsAfter(20_000, () => [1, 25]);
  expect(found[0] + found[1]).toBeCloseTo(1, 12);
  expect(found[1]).toBeGreaterThanOrEqual(0.005);
});

test('the unit of the forecasts does not matter', () => {
  const weightsIn = (unit: number): number[] => {
    const weights = new BernsteinWeights({ levels, prior: [0.5, 0.5], overlap: 10 });
    const state = new Float64Array(weights.slots);
    const random = new Random(8);
    for (let origin = 1; origin <= 500; origin += 1) {
      const rows = Float32Array.from(
        { length: 3 * L },
        (_, k) => unit * (k < L ? 1 : 2) * gaussian[k % L],
      );
      const happened = unit * random.normal();
      weights.learn(state, 0, { rows, at: 0 }, { happened, tie: 0, turn: origin });
    }
    const mix = { mixed: new Float64Array(L), shares: new Float64Array(2) };
    weights.mix(state, 0, new Float64Array(2 * L), mix);
    return Array.from(mix.shares);
  };
  // A power of two changes no bit but the exponent.
  expect(weightsIn(2 ** -40)).toEqual(weightsIn(1));
});

describe('mixed quantiles', () => {
  test('never cross, though each level has its own weights', () => {
    const weights = new BernsteinWeights({ levels, prior: [0.5, 0.5], overlap: 1 });
    const state = new Float64Array(weights.slots);
    const random = new Random(4);
    const rows = new Float64Array(2 * L);
    const mix = { mixed: new Float64Array(L), shares: new Float64Array(2) };
    const { mixed } = mix;
    for (let origin = 1; origin <= 2000; origin += 1) {
      for (let l = 0; l < L; l += 1) {
        rows[l] = gaussian[l] - 1;
        rows[L + l] = 0.2 * gaussian[l] + 2 * Math.sin(origin);
      }
      weights.mix(state, 0, rows, mix);
      for (let l = 1; l < L; l += 1) expect(mixed[l]).toBeGreaterThanOrEqual(mixed[l - 1]);
      const issued = Float32Array.of(...rows, ...mixed);
      const happened = random.normal();
      weights.learn(state, 0, { rows: issued, at: 0 }, { happened, tie: 0, turn: origin });
    }
  });
});
