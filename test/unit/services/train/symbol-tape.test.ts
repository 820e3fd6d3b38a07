import { expect, test } from 'vitest';
import { bytesPerStep, STATE_EVERY, SymbolTape } from '#services/train/symbol-tape.ts';
import { FEATURE_VERSION, INPUT_SIZE } from '#shared/features/feature-vector.ts';
import { createObservation } from '#shared/forecast/create-observation.ts';
import { decodeModel, initialModel } from '#shared/forecast/model-artefact.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { someSettings } from '#test/builders/a-model.ts';
import { momentumTape } from '#test/builders/momentum-tape.ts';

const settings = someSettings({
  horizons: [1, 5],
  levels: [0.1, 0.5, 0.9],
  hiddenSize: 4,
  headSize: 4,
  seed: 1,
});
const { shape, weights } = decodeModel(initialModel(settings, INPUT_SIZE, FEATURE_VERSION));
const network = new QuantileNetwork(shape, weights);
const trades = momentumTape({ symbols: ['A'], count: 700 });

function tapeOf(count: number, limit: number): SymbolTape {
  const observation = createObservation(settings);
  const tape = new SymbolTape('A', observation, network.stateSize, limit);
  observation.begin(tape.observed, 0, 0.01);
  for (const trade of trades.slice(0, count)) {
    if (observation.take(tape.observed, 0, trade) === 'event') tape.push(network);
  }
  return tape;
}

/** What an independent walk over the same trades says of every event. */
function truth(count: number) {
  const observation = createObservation(settings);
  const slots = new Float64Array(observation.slots);
  observation.begin(slots, 0, 0.01);
  const state = new Float32Array(8);
  const rows = trades.slice(0, count).map((trade) => {
    observation.take(slots, 0, trade);
    const input = new Float32Array(INPUT_SIZE);
    observation.input(slots, 0, input, 0);
    const before = state.slice();
    network.step(input, 0, state, 0, new Float32Array(6), 0);
    const scales = [0, 1].map((k) => observation.scale(slots, 0, k));
    return { input, before, value: observation.value(slots, 0), scales };
  });
  return rows;
}

test.each([
  ['all kept', 512, 500],
  ['ring turned over', 256, 700],
  ['ring of an odd multiple of eight', 264, 651],
])('%s: inputs, targets and start states are those of the walk', (_name, limit, count) => {
  const tape = tapeOf(count, limit);
  const rows = truth(count);
  expect(tape.count).toBe(count);
  expect(tape.oldest).toBe(Math.max(0, count - limit));
  const input = new Float32Array(INPUT_SIZE);
  const start = new Float32Array(8);
  for (let t = tape.oldest; t < count; t++) {
    tape.copyInput(t, input, 0);
    expect(input).toEqual(rows[t]?.input);
    for (const [k, horizon] of settings.horizons.entries()) {
      const later = rows[t + horizon];
      const now = rows[t];
      if (later === undefined || now === undefined) {
        expect(tape.target(t, k)).toBeNaN();
        continue;
      }
      const scaled = (later.value - now.value) / (now.scales[k] as number);
      const clipped = Math.max(-12, Math.min(12, scaled));
      expect(tape.target(t, k)).toBe(Math.fround(clipped));
    }
    if (t % STATE_EVERY === 0) {
      tape.copyStart(t, start, 0);
      expect(start).toEqual(rows[t]?.before);
    }
  }
});

test.each([
  [600, 464],
  [605, 472],
])('a cut after %i events keeps the newest and what is known of them', (count, firstStart) => {
  const tape = tapeOf(count, 512);
  const uncut = tapeOf(count, 512);
  tape.cutTo(136);
  expect(tape.count - tape.oldest).toBe(136);
  expect(tape.firstStart).toBe(firstStart);
  const a = new Float32Array(8);
  const b = new Float32Array(8);
  for (let t = tape.firstStart; t < count; t += 1) {
    expect(tape.target(t, 0)).toBe(uncut.target(t, 0));
    if (t % STATE_EVERY !== 0) continue;
    tape.copyStart(t, a, 0);
    uncut.copyStart(t, b, 0);
    expect(a).toEqual(b);
  }
});

test('bytes of a step are what its arrays hold', () => {
  expect(bytesPerStep(28, 3, 32)).toBe(28 * 4 + 8 + 3 * 8 + 3 * 4 + 16);
});
