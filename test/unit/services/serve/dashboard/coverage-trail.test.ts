import { expect, test } from 'vitest';
import { coverageTrail, insideShare, WINDOW } from '#services/serve/dashboard/coverage-trail.ts';
import { Outlook } from '#services/serve/dashboard/outlook.ts';
import { aWireForecast, WIRE_LEVELS } from '#test/builders/a-wire-forecast.ts';

test('coverage is the share of the newest outcomes inside, at the ticks where they came', () => {
  const outlook = new Outlook(aWireForecast(0));
  for (let origin = 1; origin <= 2 * WINDOW; origin += 1) {
    // Every fourth outcome lies beyond the 80 % interval, and inside that of 95 %.
    const originValue = origin % 4 === 0 ? 100.8 : 100.1;
    outlook.take(aWireForecast(origin, { originValue }), true);
  }
  const { xs, shares } = coverageTrail(outlook, WIRE_LEVELS, 1);
  expect(xs.at(-1)).toBe(2 * WINDOW);
  expect(shares.map((share) => share.at(-1))).toEqual([0.75, 0.75, 1]);
});

test('no coverage is stated of a few outcomes', () => {
  const outlook = new Outlook(aWireForecast(0));
  for (let origin = 1; origin <= 20; origin += 1) outlook.take(aWireForecast(origin), true);
  expect(coverageTrail(outlook, WIRE_LEVELS, 1).xs).toEqual([]);
});

test('an outcome on a point mass counts by the share of the mass that lies inside', () => {
  const levels = [0.1, 0.3, 0.5, 0.7, 0.9];
  const stays = [99, 100, 100, 100, 101];
  expect(insideShare(100, stays, levels, [1, 3])).toBeCloseTo(0.4 / 0.8);
  expect(insideShare(100, stays, levels, [0, 4])).toBe(1);
  expect(insideShare(99.5, stays, levels, [1, 3])).toBe(0);
  expect(insideShare(200, stays, levels, [0, 4])).toBe(0);
});
