import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SeriesObservation } from '#shared/forecast/series/series-observation.ts';
import { aTrade, MIDNIGHT_NS } from '#test/builders/a-tick.ts';

interface Golden {
  readonly season: number;
  readonly horizons: readonly number[];
  readonly values: readonly number[];
  readonly expected: readonly { event: number; inputs: number[]; scales: number[] }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../../golden/series-features.json', import.meta.url), 'utf8'),
) as Golden;

const observation = new SeriesObservation({
  seasonTicks: golden.season,
  horizons: golden.horizons,
});

/** The golden values as ticks; what the network is told at each. */
const observed = (() => {
  const state = new Float64Array(3 + observation.slots);
  observation.begin(state, 3);
  return golden.values.map((price, t) => {
    const tick = aTrade({ price, seq: BigInt(t + 1), eventTimeNs: MIDNIGHT_NS + BigInt(t) });
    expect(observation.take(state, 3, tick)).toBe('event');
    const inputs = new Float32Array(observation.inputSize);
    observation.input(state, 3, inputs, 0);
    return { inputs, scales: observation.horizons.map((_, k) => observation.scale(state, 3, k)) };
  });
})();

test('inputs agree with numpy to float32', () => {
  for (const { event, inputs } of golden.expected) {
    expect(observed[event].inputs).toHaveLength(inputs.length);
    inputs.forEach((input, k) => {
      const difference = Math.abs(observed[event].inputs[k] - input);
      expect(difference, `event ${event}, input ${k}`).toBeLessThan(1e-6);
    });
  }
});

test('scales agree with numpy to 1e-12, each horizon in the fixed and then in the running one', () => {
  for (const { event, scales } of golden.expected) {
    scales.forEach((scale, k) => {
      const difference = Math.abs(observed[event].scales[k] / scale - 1);
      expect(difference, `event ${event}, scale ${k}`).toBeLessThan(1e-12);
    });
  }
});

test('a repeated row changes nothing', () => {
  const state = new Float64Array(observation.slots);
  observation.begin(state, 0);
  const tick = aTrade({ price: 7, seq: 1n, eventTimeNs: MIDNIGHT_NS });
  observation.take(state, 0, tick);
  const before = state.slice();
  expect(observation.take(state, 0, tick)).toBe('duplicate');
  expect(state).toEqual(before);
});
