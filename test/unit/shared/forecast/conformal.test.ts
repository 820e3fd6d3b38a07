import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QuantileTracker } from '#shared/forecast/conformal.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { randomisedPit } from '#shared/forecast/scores/randomised-pit.ts';
import { Random } from '#shared/nn/random.ts';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';

const NO_TIE = { tie: 0 };

/** Share of standard normal truths below each level's quantile, after 20,000 steps to settle. */
function sharesBelow(spread: number, shift: number, horizon = 1): number[] {
  const tracker = new QuantileTracker([horizon], TICK_LEVELS);
  const state = new Float64Array(tracker.slots);
  const random = new Random(11);
  const below = TICK_LEVELS.map(() => 0);
  const issued = new Float32Array(TICK_LEVELS.length);
  const steps = 40_000;
  for (let t = 1; t <= steps; t += 1) {
    tracker.observeChange(state, 0, random.normal() / Math.sqrt(horizon), t);
    TICK_LEVELS.forEach((level, l) => {
      issued[l] = shift + spread * normalQuantile(level);
    });
    tracker.adjust(state, 0, 0, issued, 0);
    const next = random.normal();
    tracker.learn(state, 0, 0, { f32: issued, quantilesAt: 0, happened: next, ...NO_TIE });
    if (t <= 20_000) continue;
    issued.forEach((quantile, l) => {
      if (next < quantile) below[l] += 1;
    });
  }
  return below.map((count) => count / (steps - 20_000));
}

describe('the tracker brings every level to its share', () => {
  test.each([
    ['half as wide as the truth', 0.5, 0, 1],
    ['three times as wide', 3, 0, 1],
    ['one standard deviation too high', 1, 1, 1],
    ['twice as wide and too low, nine ticks ahead', 2, -0.5, 9],
  ])('from a forecast %s', (_, spread, shift, horizon) => {
    sharesBelow(spread, shift, horizon).forEach((share, l) => {
      expect(Math.abs(share - TICK_LEVELS[l])).toBeLessThan(0.015);
    });
  });
});

test('a truth that ties with all quantiles moves nothing', () => {
  const tracker = new QuantileTracker([1, 10], TICK_LEVELS);
  const state = new Float64Array(tracker.slots).fill(0.25);
  const quantiles = new Float32Array(TICK_LEVELS.length).fill(3);
  const issued = { f32: quantiles, quantilesAt: 0, tie: 0.001 };
  tracker.learn(state, 0, 1, { ...issued, happened: 3.0001 });
  expect(state.every((slot) => slot === 0.25)).toBe(true);
  tracker.learn(state, 0, 1, { ...issued, happened: 3.01 });
  expect(state.subarray(1 + TICK_LEVELS.length).every((slot) => slot !== 0.25)).toBe(true);
});

test('a truth that mostly repeats one value, as a price does, comes to a uniform randomised PIT', () => {
  const tracker = new QuantileTracker([1], TICK_LEVELS);
  const state = new Float64Array(tracker.slots);
  const random = new Random(3);
  const issued = new Float32Array(TICK_LEVELS.length);
  const edges = [0, ...TICK_LEVELS, 1];
  const cells = new Array<number>(10).fill(0);
  const [settling, steps] = [20_000, 60_000];
  for (let t = 1; t <= steps; t += 1) {
    const u = random.next();
    const happened = Math.sign(u < 0.15 ? -1 : Math.max(0, u - 0.7));
    tracker.observeChange(state, 0, happened, t);
    // Half as wide as it should be, on a grid of whole steps.
    TICK_LEVELS.forEach((level, l) => {
      issued[l] = 0.4 * normalQuantile(level);
    });
    tracker.adjust(state, 0, 0, issued, 0);
    for (let l = 0; l < issued.length; l += 1) issued[l] = Math.floor(issued[l] + 0.5);
    const uniform = random.next();
    const pit = randomisedPit(issued, 0, happened, edges, { tie: 1e-6, uniform });
    if (t > settling) cells[Math.min(9, Math.floor(10 * pit))] += 1;
    tracker.learn(state, 0, 0, { f32: issued, quantilesAt: 0, happened, tie: 1e-6 });
  }
  for (const count of cells) expect(count / (steps - settling)).toBeCloseTo(0.1, 1.6);
});

test('learning from one horizon leaves the others alone', () => {
  const tracker = new QuantileTracker([1, 10], [0.25, 0.5, 0.75]);
  const state = new Float64Array(tracker.slots);
  const quantiles = Float32Array.of(-1, 0, 1);
  tracker.learn(state, 0, 0, { f32: quantiles, quantilesAt: 0, happened: 5, ...NO_TIE });
  expect(Array.from(state.subarray(1, 4)).every((theta) => theta > 0)).toBe(true);
  expect(Array.from(state.subarray(4))).toEqual([0, 0, 0]);
});

test('25 ticks ahead a miss widens an interval five times as much as it shifts it', () => {
  const levels = [0.25, 0.75];
  const tracker = new QuantileTracker([25], levels);
  const state = new Float64Array(tracker.slots);
  const issued = { f32: Float32Array.of(-1, 1), quantilesAt: 0, ...NO_TIE };
  tracker.learn(state, 0, 0, { ...issued, happened: 5 });
  const [low, high] = state.subarray(1);
  const factor = 0.5 / Math.sqrt(0.25 * 0.75);
  // Of what each level alone would move, half is common to both and half is opposite.
  expect((high - low) / 2).toBeCloseTo((0.005 / 5) * factor * 0.25, 12);
  expect((high + low) / 2).toBeCloseTo((0.005 / 25) * factor * 0.5, 12);
});

test('one miss moves a tail by more of its rare share than the middle', () => {
  const levels = [0.025, 0.5, 0.975];
  const tracker = new QuantileTracker([1], levels);
  const state = new Float64Array(tracker.slots);
  const issued = { f32: Float32Array.of(-2, 0, 2), quantilesAt: 0, ...NO_TIE };
  tracker.learn(state, 0, 0, { ...issued, happened: 5 });
  const [low, middle, high] = state.subarray(1);
  expect(middle).toBeCloseTo(0.005 * 0.5, 12);
  expect(low).toBeCloseTo((0.005 * 0.5 * 0.025) / Math.sqrt(0.025 * 0.975), 12);
  expect(high / low).toBeCloseTo(0.975 / 0.025, 9);
});

test('at a rate of zero nothing is learnt', () => {
  const tracker = new QuantileTracker([1], TICK_LEVELS, 0);
  const state = new Float64Array(tracker.slots);
  const f32 = Float32Array.from(TICK_LEVELS, normalQuantile);
  tracker.learn(state, 0, 0, { f32, quantilesAt: 0, happened: 5, ...NO_TIE });
  expect(state.every((slot) => slot === 0)).toBe(true);
});

test('adjusted quantiles never cross, whatever was learnt', () => {
  const theta = fc.double({ min: -5, max: 5, noNaN: true });
  const thetas = fc.array(theta, { minLength: TICK_LEVELS.length, maxLength: TICK_LEVELS.length });
  fc.assert(
    fc.property(thetas, fc.array(theta, { minLength: 21, maxLength: 21 }), (learnt, stated) => {
      const tracker = new QuantileTracker([10], TICK_LEVELS);
      const quantiles = Float32Array.from(stated).sort();
      tracker.adjust(Float64Array.of(1, ...learnt), 0, 0, quantiles, 0);
      quantiles.forEach((quantile, l) => {
        if (l > 0) expect(quantile).toBeGreaterThanOrEqual(quantiles[l - 1]);
      });
    }),
  );
});

test('before anything is learnt the forecast stays as it was stated', () => {
  const tracker = new QuantileTracker([1], TICK_LEVELS);
  const quantiles = Float32Array.from(TICK_LEVELS, normalQuantile);
  const stated = quantiles.slice();
  tracker.adjust(
    Float64Array.from({ length: tracker.slots }, (_, k) => (k === 0 ? 9 : 0)),
    0,
    0,
    quantiles,
    0,
  );
  expect(quantiles).toEqual(stated);
});
