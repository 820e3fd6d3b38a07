import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FEATURE_SLOTS, featureNames, INPUT_SIZE } from '#shared/features/feature-vector.ts';
import { createObservation } from '#shared/forecast/create-observation.ts';
import type { Quote, Trade } from '#shared/market/tick.ts';
import { someSettings } from '#test/builders/a-model.ts';
import { aBook, aQuote, aTrade } from '#test/builders/a-tick.ts';

interface Golden {
  readonly step: number;
  readonly horizons: readonly number[];
  readonly tape: readonly string[];
  readonly expected: readonly { event: number; inputs: number[]; scales: number[] }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../golden/tick-features.json', import.meta.url), 'utf8'),
) as Golden;

function tickOf(line: string, k: number): Trade | Quote {
  const [kind, timeNs, ...cells] = line.split(',');
  const [price, size, side, bid, bidSize, ask, askSize] = cells.map(Number);
  const header = { seq: BigInt(k + 1), eventTimeNs: BigInt(timeNs) };
  const book = aBook({ bid, bidSize, ask, askSize });
  if (kind === 'quote') return aQuote({ ...header, book });
  const hasBook = cells[3] !== '';
  return aTrade({ ...header, price, size, side: side as 1, book: hasBook ? book : null });
}

interface Observed {
  readonly inputs: number[];
  readonly scales: number[];
}

function observed(): Observed[] {
  const observation = createObservation(someSettings({ horizons: golden.horizons }));
  const state = new Float64Array(observation.slots);
  observation.begin(state, 0, golden.step);
  // The float64 inputs stand before the scales and the ring of past values; `input` itself gives float32.
  const ring = Math.max(...golden.horizons);
  const inputsAt = observation.slots - ring - 3 * golden.horizons.length - INPUT_SIZE;
  const events: Observed[] = [];
  golden.tape.forEach((line, k) => {
    if (observation.take(state, 0, tickOf(line, k)) !== 'event') return;
    events.push({
      inputs: Array.from(state.subarray(inputsAt, inputsAt + INPUT_SIZE)),
      scales: golden.horizons.map((_, h) => observation.scale(state, 0, h)),
    });
  });
  return events;
}

/** The tolerance of golden numbers: the largest difference against the largest number, per column. */
function relativeDifference(
  pairs: readonly (readonly [found: number, expected: number])[],
): number {
  const difference = Math.max(...pairs.map(([found, expected]) => Math.abs(found - expected)));
  return difference / Math.max(...pairs.map(([, expected]) => Math.abs(expected)));
}

const events = observed();

test('the golden tape has the hard cases', () => {
  expect(golden.expected.length).toBeGreaterThan(40);
  expect(events.length).toBe(golden.expected[golden.expected.length - 1].event + 1);
  expect(golden.tape.some((line) => line.endsWith(',,,,'))).toBe(true);
  expect(golden.tape.some((line) => /^quote.*,0\.0,[\d.]+,0\.0$/.test(line))).toBe(true);
});

test.each(featureNames().map((name, k) => [k, name] as const))(
  'input %i, %s, agrees with numpy to 1e-12',
  (k) => {
    const pairs = golden.expected.map(
      ({ event, inputs }) => [events[event].inputs[k], inputs[k]] as const,
    );
    expect(pairs.some(([, expected]) => expected !== 0)).toBe(true);
    expect(relativeDifference(pairs)).toBeLessThan(1e-12);
  },
);

test.each(golden.horizons.map((horizon, k) => [horizon, k] as const))(
  'the scale of %i ticks agrees with numpy to 1e-12',
  (_, k) => {
    const pairs = golden.expected.map(
      ({ event, scales }) => [events[event].scales[k], scales[k]] as const,
    );
    expect(relativeDifference(pairs)).toBeLessThan(1e-12);
  },
);

test('every input of every feature has a name', () => {
  expect(featureNames()).toHaveLength(INPUT_SIZE);
  expect(INPUT_SIZE).toBe(31);
  expect(FEATURE_SLOTS).toBeGreaterThan(0);
});
