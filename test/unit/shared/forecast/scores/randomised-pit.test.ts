import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { randomisedPit, symbolKey, uniformOf } from '#shared/forecast/scores/randomised-pit.ts';
import { asSymbol } from '#shared/market/symbol.ts';
import { Random } from '#shared/nn/random.ts';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';

const EDGES = [0, ...TICK_LEVELS, 1];
const CELLS = 20;

function countsOf(pits: readonly number[]): number[] {
  const counts = new Array<number>(CELLS).fill(0);
  for (const pit of pits) counts[Math.min(CELLS - 1, Math.floor(pit * CELLS))] += 1;
  return counts;
}

/** Pearson's chi-square of the counts against equal ones; 19 degrees of freedom, of which 99.9 % lie below 43.8. */
function chiSquare(pits: readonly number[]): number {
  const expected = pits.length / CELLS;
  return countsOf(pits).reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('the PIT of a calibrated forecast', () => {
  test('is uniform where the truth is continuous', () => {
    const random = new Random(3);
    const quantiles = Float32Array.from(TICK_LEVELS, normalQuantile);
    const pits = Array.from({ length: 20_000 }, (_, k) =>
      randomisedPit(quantiles, 0, random.normal(), EDGES, { tie: 1e-9, uniform: uniformOf(9, k) }),
    );
    expect(chiSquare(pits)).toBeLessThan(43.8);
  });

  test('is uniform to 20 % per cell and covers to 2 % where most of the truth stands still', () => {
    const random = new Random(4);
    const values = [-2, -1, 0, 1, 2];
    const pits = Array.from({ length: 20_000 }, (_, k) => {
      // The masses vary, as those of real forecasts do, so that no level is always the border of an atom.
      const masses = values.map((value) => (value === 0 ? 2 : 0.5) * (0.1 + random.next()));
      const total = masses.reduce((sum, mass) => sum + mass, 0);
      const valueAt = (level: number): number => {
        let below = 0;
        const at = values.findIndex((_value, v) => {
          below += masses[v] / total;
          return level < below;
        });
        return values[at === -1 ? values.length - 1 : at];
      };
      const quantiles = Float32Array.from(TICK_LEVELS, valueAt);
      const happened = valueAt(random.next());
      return randomisedPit(quantiles, 0, happened, EDGES, { tie: 1e-6, uniform: uniformOf(5, k) });
    });
    // Where an atom begins and ends is known to the width of a level's cell only, so this cannot be exact.
    for (const count of countsOf(pits)) expect(Math.abs(count / 1000 - 1)).toBeLessThan(0.2);
    for (const nominal of [0.5, 0.8, 0.95]) {
      const inside = pits.filter((pit) => Math.abs(pit - 0.5) < nominal / 2);
      expect(Math.abs(inside.length / pits.length - nominal)).toBeLessThan(0.02);
    }
  });

  test('is far from uniform where the forecast is half as wide as the truth', () => {
    const random = new Random(3);
    const quantiles = Float32Array.from(TICK_LEVELS, (level) => normalQuantile(level) / 2);
    const pits = Array.from({ length: 20_000 }, (_, k) =>
      randomisedPit(quantiles, 0, random.normal(), EDGES, { tie: 1e-9, uniform: uniformOf(9, k) }),
    );
    expect(chiSquare(pits)).toBeGreaterThan(1000);
  });
});

describe('where the truth falls', () => {
  const quantiles = Float32Array.of(-1, 0, 0, 2);
  const edges = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const range = (happened: number): [number, number] => [
    randomisedPit(quantiles, 0, happened, edges, { tie: 1e-6, uniform: 0 }),
    randomisedPit(quantiles, 0, happened, edges, { tie: 1e-6, uniform: 1 }),
  ];

  test('between two quantiles, the PIT lies between their levels', () => {
    expect(range(-0.5)).toEqual([0.2, 0.4]);
    expect(range(1)).toEqual([0.6, 0.8]);
  });

  test('outside all, between the outermost level and zero or one', () => {
    expect(range(-3)).toEqual([0, 0.2]);
    expect(range(3)).toEqual([0.8, 1]);
  });

  test('on a point mass, the PIT spreads over all of its levels and the cells beside them', () => {
    expect(range(0)).toEqual([0.2, 0.8]);
    expect(range(1e-7)).toEqual([0.2, 0.8]);
  });
});

test('the numbers of a symbol repeat, and those of neighbours differ', () => {
  const key = symbolKey(asSymbol('venue:a'));
  expect(uniformOf(key, 1)).toBe(uniformOf(key, 1));
  expect(uniformOf(key, 1)).not.toBe(uniformOf(key, 2));
  expect(uniformOf(key + 1, 1)).not.toBe(uniformOf(key, 1));
  expect(symbolKey(asSymbol('venue:b'))).not.toBe(key);
});

test('they lie in [0, 1), and those of one horizon are uniform', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 33 }), fc.nat({ max: 9 }), (key, k) => {
      const uniform = uniformOf(key, k);
      expect(uniform >= 0 && uniform < 1).toBe(true);
    }),
  );
  const key = symbolKey(asSymbol('venue:a'));
  for (const k of [0, 1, 2]) {
    expect(chiSquare(Array.from({ length: 10_000 }, (_, n) => uniformOf(key + n, k)))).toBeLessThan(
      43.8,
    );
  }
});
