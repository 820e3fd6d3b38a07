import { expect, test } from 'vitest';
import { BlankHorizons } from '#shared/forecast/blank-horizons.ts';

test.each([
  ['of a few horizons', [1, 10, 100], 21, 3],
  ['without experts', [1], 2, 0],
  ['larger than what they are cut from', Array.from({ length: 48 }, (_, k) => k + 1), 99, 7],
])(
  'statements %s are all zero, and each keeps what it was given, however many follow',
  (...made) => {
    const [, horizons, levelCount, expertCount] = made;
    const blanks = new BlankHorizons(horizons, levelCount, expertCount);
    const kept = Array.from({ length: 100 }, (_, turn) => {
      const blank = blanks.make();
      expect(blank.map(({ horizonTicks }) => horizonTicks)).toEqual(horizons);
      for (const [k, { quantiles, weights }] of blank.entries()) {
        expect([...quantiles]).toEqual(new Array(levelCount).fill(0));
        expect([...weights]).toEqual(new Array(expertCount).fill(0));
        quantiles.fill(turn + k / 64);
        weights.fill(turn + k);
      }
      return blank;
    });
    for (const [turn, blank] of kept.entries()) {
      for (const [k, { quantiles, weights }] of blank.entries()) {
        expect([...quantiles]).toEqual(new Array(levelCount).fill(turn + k / 64));
        expect([...weights]).toEqual(new Array(expertCount).fill(turn + k));
      }
    }
  },
);
