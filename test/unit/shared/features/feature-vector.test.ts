import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INPUT_SIZE } from '#shared/features/feature-vector.ts';
import { createObservation } from '#shared/forecast/create-observation.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import type { Quote, Trade } from '#shared/market/tick.ts';
import { someSettings } from '#test/builders/a-model.ts';
import { aBook, aQuote, aTrade, MIDNIGHT_NS } from '#test/builders/a-tick.ts';

/** The inputs after each event. */
function inputsOf(
  ticks: readonly (Trade | Quote)[],
  over: Partial<ForecasterSettings> = {},
  priceStep = Number.NaN,
): Float32Array[] {
  const observation = createObservation(someSettings(over));
  const state = new Float64Array(observation.slots);
  observation.begin(state, 0, priceStep);
  const made: Float32Array[] = [];
  ticks.forEach((tick, k) => {
    const numbered = { ...tick, seq: BigInt(k + 1), eventTimeNs: MIDNIGHT_NS + BigInt(k) * 1000n };
    if (observation.take(state, 0, numbered) !== 'event') return;
    const input = new Float32Array(INPUT_SIZE);
    observation.input(state, 0, input, 0);
    made.push(input);
  });
  return made;
}

function expectBounded(inputs: readonly Float32Array[]): void {
  expect(inputs.length).toBeGreaterThan(0);
  for (const input of inputs) {
    for (const number of input) {
      expect(Number.isFinite(number)).toBe(true);
      expect(Math.abs(number)).toBeLessThanOrEqual(5);
    }
  }
}

const wave = (k: number): number => Math.round(8 * Math.sin(k)) / 100;

describe('inputs are finite and at most five from zero', () => {
  test('at the first tick, without a book', () => {
    expectBounded(inputsOf([aTrade()]));
  });

  test('for a price that never moves', () => {
    expectBounded(inputsOf(Array.from({ length: 300 }, () => aTrade({ book: aBook() }))));
  });

  test('for a price that stands still after it moved', () => {
    const prices = Array.from({ length: 900 }, (_, k) => (k < 100 ? 100 + wave(k) : 100));
    expectBounded(inputsOf(prices.map((price) => aTrade({ price }))));
  });

  test('for a price that becomes a thousand times itself, and comes back', () => {
    const prices = Array.from({ length: 90 }, (_, k) => (k === 40 ? 1e5 : 100 + wave(k)));
    expectBounded(inputsOf(prices.map((price) => aTrade({ price, book: aBook() }))));
  });

  test('for trades and books of size zero', () => {
    const empty = aBook({ bidSize: 0, askSize: 0 });
    const sides = [aBook({ bidSize: 0 }), aBook({ askSize: 0 }), empty];
    const ticks = Array.from({ length: 30 }, (_, k) => aTrade({ size: 0, book: sides[k % 3] }));
    expectBounded(inputsOf(ticks));
  });

  test('for values below zero, at zero, and across it', () => {
    const values = Array.from({ length: 60 }, (_, k) => (k % 5 === 0 ? 0 : 40 * wave(k)));
    expectBounded(
      inputsOf(
        values.map((price) => aTrade({ price })),
        { measure: 'value' },
      ),
    );
  });

  test('for quotes of a value below zero, at zero, and crossed', () => {
    const books = [
      aBook({ bid: -3, ask: -2 }),
      aBook({ bid: -1, ask: 1 }),
      aBook({ bid: 0, ask: 0 }),
      aBook({ bid: 2, ask: 1, bidSize: 0 }),
    ];
    const quotes = Array.from({ length: 40 }, (_, k) => aQuote({ book: books[k % 4] }));
    expectBounded(inputsOf(quotes, { measure: 'value', events: 'quotes' }));
  });

  test('for any prices from one hundred-millionth to a hundred million', () => {
    const price = fc.double({ min: 1e-8, max: 1e8, noNaN: true });
    const size = fc.double({ min: 0, max: 1e12, noNaN: true });
    const book = fc.record({ bid: price, bidSize: size, ask: price, askSize: size });
    const trade = fc
      .record({ price, size, side: fc.constantFrom(-1 as const, 0 as const, 1 as const), book })
      .map(aTrade);
    fc.assert(
      fc.property(fc.array(trade, { minLength: 1, maxLength: 30 }), (trades) => {
        expectBounded(inputsOf(trades));
      }),
      { numRuns: 100 },
    );
  });
});

test('without a book the fifteen inputs of the book are zero', () => {
  const [input] = inputsOf([aTrade()]);
  expect(Array.from(input.subarray(16))).toEqual(Array.from({ length: 15 }, () => 0));
});

test('a told price step changes the inputs that count in steps', () => {
  const trades = [aTrade({ price: 100 }), aTrade({ price: 100.5 })];
  const learnt = inputsOf(trades)[1];
  const told = inputsOf(trades, {}, 0.01)[1];
  // tanh(change / 2 steps): half a unit is one learnt step, and fifty told ones.
  expect(learnt[3]).toBeCloseTo(Math.tanh(0.5), 2);
  expect(told[3]).toBeCloseTo(1, 6);
});
