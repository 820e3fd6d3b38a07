import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { CorruptBytesError } from '#shared/errors.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { decodeModel, encodeModel, initialModel } from '#shared/forecast/model-artefact.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';

const settings: ForecasterSettings = {
  measure: 'price',
  events: 'trades',
  horizons: [1, 10],
  levels: TICK_LEVELS,
  cell: 'lstm',
  layers: 1,
  hiddenSize: 5,
  headSize: 6,
  seed: 11,
};
const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('the first model of equal settings has equal bytes, and another seed gives others', () => {
  const sha = shaOf(initialModel(settings, 7, 3));
  expect(shaOf(initialModel(settings, 7, 3))).toBe(sha);
  expect(shaOf(initialModel({ ...settings, seed: 12 }, 7, 3))).not.toBe(sha);
  expect(shaOf(initialModel(settings, 7, 4))).not.toBe(sha);
});

test('a model survives its bytes', () => {
  const first = decodeModel(initialModel(settings, 7, 3));
  const model = {
    ...first,
    training: {
      ...first.training,
      updates: 41,
      firstMoment: first.weights.map((w) => w / 3),
      secondMoment: first.weights.map((w) => w * w),
    },
    parentSha: 'ab'.repeat(32),
  };
  expect(decodeModel(encodeModel(model))).toEqual(model);
});

test('a byte flipped anywhere, a missing and a spare byte are corrupt', () => {
  const bytes = initialModel(settings, 3, 1);
  for (let at = 0; at < bytes.length; at += at < 300 ? 1 : 97) {
    const broken = bytes.slice();
    broken[at] ^= 0x10;
    expect(() => decodeModel(broken), `byte ${at}`).toThrow(CorruptBytesError);
  }
  expect(() => decodeModel(bytes.subarray(0, bytes.length - 1))).toThrow(CorruptBytesError);
  expect(() => decodeModel(Uint8Array.of(...bytes, 0))).toThrow(CorruptBytesError);
  for (let length = 0; length < 12; length++) {
    expect(() => decodeModel(bytes.subarray(0, length))).toThrow(CorruptBytesError);
  }
});

test('the first forecast is close to a Gaussian of .6 scales, and hidden state is kept by high forget gates', () => {
  const { shape, weights } = decodeModel(initialModel({ ...settings, hiddenSize: 16 }, 28, 1));
  const network = new QuantileNetwork(shape, weights);
  const state = new Float32Array(32);
  const output = new Float32Array(42);
  const input = new Float32Array(28).fill(0.5);
  expect(network.step(input, 0, state, 0, output, 0)).toBe(true);
  for (let k = 0; k < output.length; k++) {
    const expected = 0.6 * normalQuantile(TICK_LEVELS[k % 21] as number);
    expect(Math.abs((output[k] as number) - expected)).toBeLessThan(0.15);
  }
});
