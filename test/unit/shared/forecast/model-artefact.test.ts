import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { CorruptBytesError } from '#shared/errors.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { decodeModel, encodeModel, initialModel } from '#shared/forecast/model-artefact.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { CELL_KINDS } from '#shared/nn/cells/cell-kinds.ts';
import { initialParameters } from '#shared/nn/initial-parameters.ts';
import { parameterLayout } from '#shared/nn/parameters.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { crc32 } from '#shared/numeric/crc32.ts';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';

const settings: ForecasterSettings = {
  measure: 'price',
  events: 'trades',
  horizons: [1, 10],
  levels: TICK_LEVELS,
  kernel: 'wasm',
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

test('the first forecast is close to a Gaussian, one tick ahead of .6 scales, and hidden state is kept by high forget gates', () => {
  const horizons = [1, 100];
  const first = initialModel({ ...settings, horizons, hiddenSize: 16 }, 28, 1);
  const { shape, weights } = decodeModel(first);
  const network = new QuantileNetwork(shape, weights);
  const state = new Float32Array(32);
  const output = new Float32Array(42);
  const input = new Float32Array(28).fill(0.5);
  expect(network.step(input, 0, state, 0, output, 0)).toBe(true);
  for (let k = 0; k < output.length; k++) {
    const expected = (k < 21 ? 0.6 : 0.96) * normalQuantile(TICK_LEVELS[k % 21] as number);
    expect(Math.abs((output[k] as number) - expected)).toBeLessThan(0.15);
  }
});

test.each(CELL_KINDS)('a model of %s survives its bytes, with one layer and with two', (cell) => {
  for (const layers of [1, 2]) {
    const bytes = initialModel({ ...settings, cell, layers }, 7, 3);
    const model = decodeModel(bytes);
    expect(model.shape).toMatchObject({ cell, layers, inputSize: 7, hiddenSize: 5 });
    expect(model.weights).toHaveLength(parameterLayout(model.shape).length);
    expect(encodeModel(model)).toEqual(bytes);
  }
});

test('a model of one LSTM layer has the bytes it had before there were other cells', () => {
  const sha = '37240aaa';
  const model = decodeModel(initialModel(settings, 7, 3));
  // All horizons began alike then.
  const weights = initialParameters(model.shape, { levels: settings.levels, seed: settings.seed });
  const before = encodeModel({ ...model, weights, training: { ...model.training, raw: weights } });
  expect(shaOf(before).slice(0, 8)).toBe(sha);
});

test('a header that does not fit its parameters is corrupt, though the checksum holds', () => {
  const bytes = initialModel({ ...settings, cell: 'gru' }, 7, 3);
  const retold = (from: string, to: string): Uint8Array => {
    const length = new DataView(bytes.buffer).getUint32(1, true);
    const header = new TextDecoder().decode(bytes.subarray(5, 5 + length));
    expect(header).toContain(from);
    const told = Uint8Array.of(
      bytes[0],
      ...[0, 0, 0, 0],
      ...new TextEncoder().encode(header.replace(from, to)),
      ...bytes.subarray(5 + length),
    );
    const view = new DataView(told.buffer);
    view.setUint32(1, length + to.length - from.length, true);
    view.setUint32(told.length - 4, crc32(told.subarray(0, told.length - 4)), true);
    return told;
  };
  expect(decodeModel(retold('gru', 'gru')).shape.cell).toBe('gru');
  for (const [from, to, message] of [
    ['"gru"', '"gur"', 'a cell is one of lstm, gru, rnn, rnn-relu, trace, was gur'],
    ['"gru"', '"rnn"', 'parameters ends with'],
    ['"layers":1', '"layers":0', 'number of layers must be a whole number above 0, was 0'],
    ['"hiddenSize":5', '"hiddenSize":50000000', 'parameters ends with'],
    ['"headSize":6', '"headSize":"6"', 'head size must be a whole number above 0, was 6'],
    ['"layoutVersion":1', '"layoutVersion":9', 'parameter layout is 1, was 9'],
  ] as const) {
    expect(() => decodeModel(retold(from, to)), to).toThrow(CorruptBytesError);
    expect(() => decodeModel(retold(from, to)), to).toThrow(message);
  }
});
