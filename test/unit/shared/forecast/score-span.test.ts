import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type MaturedScore, ScoreSpan } from '#shared/forecast/score-span.ts';

const loss = fc.double({ min: 0, max: 1e6, noNaN: true });
const score: fc.Arbitrary<MaturedScore> = fc.record({
  crps: loss,
  crpsLastValue: loss,
  crpsEwmaGaussian: loss,
  absoluteError: loss,
  absoluteErrorLastValue: loss,
  pit: fc.double({ min: 0, max: 1, noNaN: true }),
});

const sumOf = (scores: readonly MaturedScore[], field: keyof MaturedScore): number =>
  scores.reduce((sum, one) => sum + one[field], 0);

test('a span holds the plain sums and counts of what matured in it', () => {
  fc.assert(
    fc.property(fc.array(score, { minLength: 1, maxLength: 60 }), (scores) => {
      const span = new ScoreSpan([1, 10]);
      const state = new Float64Array(span.slots + 4);
      for (const one of scores) span.add(state, 2, 1, one);
      const [horizon, ...others] = span.take(state, 2);
      expect(others).toEqual([]);
      expect(horizon.horizonTicks).toBe(10);
      expect(horizon.count).toBe(scores.length);
      for (const field of [
        'crps',
        'crpsLastValue',
        'crpsEwmaGaussian',
        'absoluteError',
        'absoluteErrorLastValue',
      ] as const) {
        expect(horizon[field]).toBe(sumOf(scores, field));
      }
      const inside = (from: number, to: number): number =>
        scores.filter(({ pit }) => pit > from && pit < to).length;
      expect(horizon.inside[0]).toBe(inside(0.25, 0.75));
      expect(horizon.pit).toHaveLength(20);
      expect(horizon.pit.reduce((sum, count) => sum + count, 0)).toBe(scores.length);
      expect(horizon.pit[19]).toBe(scores.filter(({ pit }) => pit >= 0.95).length);
    }),
  );
});

test('the intervals that are counted cover a half, four fifths, and nineteen twentieths', () => {
  const span = new ScoreSpan([1]);
  const state = new Float64Array(span.slots);
  const nothing = {
    crps: 0,
    crpsLastValue: 0,
    crpsEwmaGaussian: 0,
    absoluteError: 0,
    absoluteErrorLastValue: 0,
  };
  for (let k = 0; k < 1000; k += 1) span.add(state, 0, 0, { ...nothing, pit: (k + 0.5) / 1000 });
  expect(span.take(state, 0)[0].inside).toEqual([500, 800, 950]);
});

test('a span that was taken starts anew', () => {
  const span = new ScoreSpan([1, 10]);
  const state = new Float64Array(span.slots);
  const one = {
    crps: 1,
    crpsLastValue: 2,
    crpsEwmaGaussian: 3,
    absoluteError: 4,
    absoluteErrorLastValue: 5,
    pit: 1,
  };
  span.add(state, 0, 0, one);
  expect(span.take(state, 0)).toHaveLength(1);
  expect(state.every((slot) => slot === 0)).toBe(true);
  expect(span.take(state, 0)).toEqual([]);
});
