import { expect, test } from 'vitest';
import { refusalOf } from '#services/train/model-gate.ts';

const options = { gateRatio: 1.05, largestNorm: 100 };
const sound = {
  updates: 8,
  weights: Float32Array.of(1, 2),
  weightNorm: 2.2,
  lossBefore: 0.3,
  lossAfter: 0.31,
};

test('weights that lose no more than the ratio pass; where nothing was held out, nothing speaks against them', () => {
  expect(refusalOf(sound, options)).toBeNull();
  expect(
    refusalOf({ ...sound, lossBefore: Number.NaN, lossAfter: Number.NaN }, options),
  ).toBeNull();
});

test.each([
  ['HELD_OUT_LOSS_ROSE', { lossAfter: 0.3151 }],
  ['HELD_OUT_LOSS_ROSE', { lossAfter: Number.NaN }],
  ['NORM_TOO_LARGE', { weightNorm: 100.1 }],
  ['NORM_TOO_LARGE', { weightNorm: Number.NaN }],
  ['NOT_FINITE', { weights: Float32Array.of(1, Number.NaN) }],
  ['NO_FINITE_GRADIENT', { updates: 0 }],
])('%s: %o', (reason, change) => {
  expect(refusalOf({ ...sound, ...change }, options)).toBe(reason);
});
