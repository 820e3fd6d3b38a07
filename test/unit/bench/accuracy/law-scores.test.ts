import { expect, test } from 'vitest';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { Random } from '#shared/nn/random.ts';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';
import { scoresUnderLaw } from '#test/bench/accuracy/market/law-scores.ts';

const random = new Random('laws');
/** Laws of many origins: normal, each with its own middle and width. */
const laws = Array.from({ length: 300 }, () => {
  const [middle, width] = [random.normal(), 0.5 + random.next()];
  const draws = Float64Array.from({ length: 80 }, () => middle + width * random.normal());
  return { middle, width, draws: draws.sort(), happened: middle + width * random.normal() };
});

function stating(quantile: (law: (typeof laws)[number], level: number) => number) {
  return scoresUnderLaw(
    laws.map((law) => ({
      stated: Float64Array.from(TICK_LEVELS, (level) => quantile(law, level)),
      draws: law.draws,
      happened: law.happened,
    })),
  );
}

const truth = stating(({ middle, width }, level) => middle + width * normalQuantile(level));

test('who states the law has its loss, to a few thousandths at 80 draws, and covers what he says', () => {
  expect(truth.crps / truth.oracleCrps).toBeGreaterThan(0.995);
  expect(truth.crps / truth.oracleCrps).toBeLessThan(1.005);
  for (const [n, nominal] of [0.5, 0.8, 0.95].entries()) {
    expect(Math.abs(truth.coverages[n] - nominal)).toBeLessThan(0.01);
  }
});

test.each([
  ['half a width beside it', 0.5, 1],
  ['a third narrower', 0, 0.67],
  ['a third wider', 0, 1.33],
])('who states it %s loses more', (_, shift, factor) => {
  const { crps, oracleCrps } = stating(
    ({ middle, width }, level) => middle + width * (shift + factor * normalQuantile(level)),
  );
  expect(crps / oracleCrps).toBeGreaterThan(1.02);
});

test('too narrow intervals cover less than they say, too wide ones more', () => {
  const narrow = stating(({ middle, width }, l) => middle + 0.67 * width * normalQuantile(l));
  const wide = stating(({ middle, width }, l) => middle + 1.5 * width * normalQuantile(l));
  expect(narrow.coverages[1]).toBeLessThan(0.7);
  expect(wide.coverages[1]).toBeGreaterThan(0.9);
});

test('on what came the law covers what it says as well as chance lets it, and who states it does, too', () => {
  for (const [n, nominal] of [0.5, 0.8, 0.95].entries()) {
    const chance = Math.sqrt((nominal * (1 - nominal)) / laws.length);
    expect(Math.abs(truth.came[n] - nominal)).toBeLessThan(3 * chance);
    // Quantiles read off 80 draws are a little narrow.
    expect(Math.abs(truth.oracleCame[n] - nominal)).toBeLessThan(3 * chance + 0.015);
  }
});
