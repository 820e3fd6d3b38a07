import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { Observation } from '#shared/forecast/observation.ts';
import type { TakeOutcome } from '#shared/forecast/tick-sequence.ts';
import type { Quote, Trade } from '#shared/market/tick.ts';
import { someSettings } from '#test/builders/a-model.ts';
import { aBook, aQuote, aTrade, MIDNIGHT_NS } from '#test/builders/a-tick.ts';

interface Symbol {
  readonly observation: Observation;
  readonly state: Float64Array;
  take(tick: Trade | Quote): TakeOutcome;
}

function aSymbol(over: Partial<ForecasterSettings> = {}, priceStep = Number.NaN): Symbol {
  const observation = new Observation(someSettings(over));
  const state = new Float64Array(observation.slots);
  observation.begin(state, 0, priceStep);
  return { observation, state, take: (tick) => observation.take(state, 0, tick) };
}

const secondsIn = (seconds: number): bigint => MIDNIGHT_NS + BigInt(Math.round(seconds * 1e9));
const bytesOf = ({ state }: Symbol): Uint8Array => new Uint8Array(state.buffer.slice(0));

test('the realised change of every horizon is the value now minus the value h events ago', () => {
  const value = fc.double({ min: -1e9, max: 1e9, noNaN: true });
  const horizons = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(horizons, fc.array(value, { minLength: 1, maxLength: 60 }), (unsorted, values) => {
      const sorted = unsorted.toSorted((a, b) => a - b);
      const symbol = aSymbol({ measure: 'value', horizons: sorted });
      values.forEach((price, t) => {
        symbol.take(aTrade({ seq: BigInt(t + 1), price }));
        sorted.forEach((h, k) => {
          const realised = symbol.observation.realised(symbol.state, 0, k);
          expect(realised).toBe(t < h ? Number.NaN : values[t] - values[t - h]);
        });
      });
    }),
  );
});

test('the value of a price is ten thousand times its logarithm, and a change is in basis points', () => {
  const { observation, state, take } = aSymbol();
  take(aTrade({ price: 100 }));
  take(aTrade({ price: 101, seq: 2n }));
  expect(observation.value(state, 0)).toBeCloseTo(1e4 * Math.log(101), 8);
  expect(observation.change(state, 0)).toBeCloseTo(1e4 * Math.log(1.01), 8);
  expect(observation.price(state, 0)).toBe(101);
});

describe('a refused tick changes no byte of the state', () => {
  const cases: readonly [name: string, tick: Trade | Quote, outcome: TakeOutcome][] = [
    ['the same number again', aTrade({ seq: 5n, eventTimeNs: secondsIn(9) }), 'duplicate'],
    ['a lower number', aTrade({ seq: 4n, eventTimeNs: secondsIn(9) }), 'duplicate'],
    [
      'a number of an older life of the feed',
      aTrade({ feedEpoch: 2, seq: 99n, eventTimeNs: secondsIn(9) }),
      'duplicate',
    ],
    ['a time one nanosecond before', aTrade({ seq: 6n, eventTimeNs: secondsIn(2) - 1n }), 'late'],
    ['a quote before the last trade', aQuote({ seq: 6n, eventTimeNs: secondsIn(1) }), 'late'],
  ];
  test.each(cases)('%s', (_, tick, outcome) => {
    const symbol = aSymbol();
    symbol.take(aTrade({ feedEpoch: 3, seq: 1n, book: aBook() }));
    symbol.take(aTrade({ feedEpoch: 3, seq: 5n, eventTimeNs: secondsIn(2), price: 100.5 }));
    const before = bytesOf(symbol);
    expect(symbol.take({ ...tick, feedEpoch: tick.feedEpoch || 3 })).toBe(outcome);
    expect(bytesOf(symbol)).toEqual(before);
  });
});

test('a new life of the feed may count from one again', () => {
  const { take } = aSymbol();
  take(aTrade({ feedEpoch: 1, seq: 900n }));
  expect(take(aTrade({ feedEpoch: 2, seq: 1n }))).toBe('event');
});

test('ticks may share a time', () => {
  const { observation, state, take } = aSymbol();
  expect(take(aTrade({ seq: 1n }))).toBe('event');
  expect(take(aTrade({ seq: 2n }))).toBe('event');
  expect(observation.count(state, 0)).toBe(2);
});

test('before 1970 too a tick is late exactly where its time is below the last one', () => {
  const time = fc.bigInt({ min: -3_000_000_000n, max: 3_000_000_000n });
  fc.assert(
    fc.property(time, time, (first, second) => {
      const { take } = aSymbol();
      expect(take(aTrade({ seq: 1n, eventTimeNs: first }))).toBe('event');
      const outcome = take(aTrade({ seq: 2n, eventTimeNs: second }));
      expect(outcome).toBe(second < first ? 'late' : 'event');
    }),
  );
});

test('the gap across 1970 is the time between', () => {
  const gapOf = (from: bigint, to: bigint): number => {
    const { observation, state, take } = aSymbol();
    take(aTrade({ seq: 1n, eventTimeNs: from }));
    take(aTrade({ seq: 2n, eventTimeNs: to }));
    const input = new Float32Array(observation.inputSize);
    observation.input(state, 0, input, 0);
    return Math.exp(4 * input[10]);
  };
  expect(gapOf(-1_500_000_000n, 700_000_000n)).toBeCloseTo(2.2, 4);
  expect(gapOf(secondsIn(0.25), secondsIn(1))).toBeCloseTo(0.75, 4);
});

describe('which ticks are forecast', () => {
  test('where trades are, a quote is context: it moves the book, not the count', () => {
    const { observation, state, take } = aSymbol({ events: 'trades' });
    take(aTrade({ seq: 1n }));
    expect(take(aQuote({ seq: 2n, book: aBook({ bidSize: 9, askSize: 1 }) }))).toBe('context');
    expect(observation.count(state, 0)).toBe(1);
    take(aTrade({ seq: 3n }));
    const input = new Float32Array(observation.inputSize);
    observation.input(state, 0, input, 0);
    expect(input[16]).toBeCloseTo(0.8, 6);
  });

  test('where quotes are, a trade is context and the price is the mid', () => {
    const { observation, state, take } = aSymbol({ events: 'quotes' });
    expect(take(aTrade({ seq: 1n, price: 7 }))).toBe('context');
    expect(take(aQuote({ seq: 2n, book: aBook({ bid: 10, ask: 12 }) }))).toBe('event');
    expect(observation.price(state, 0)).toBe(11);
    expect(observation.count(state, 0)).toBe(1);
  });

  test('context between two events does not shorten the gap between them', () => {
    const { observation, state, take } = aSymbol();
    take(aTrade({ seq: 1n, eventTimeNs: secondsIn(0) }));
    take(aQuote({ seq: 2n, eventTimeNs: secondsIn(2) }));
    take(aTrade({ seq: 3n, eventTimeNs: secondsIn(3) }));
    const input = new Float32Array(observation.inputSize);
    observation.input(state, 0, input, 0);
    expect(Math.exp(4 * input[10])).toBeCloseTo(3, 3);
  });
});

describe('the price step', () => {
  const stepInUnits = ({ observation, state }: Symbol): number =>
    (observation.stepOffset(state, 0) * observation.price(state, 0)) / 1e4;

  test('once told is never overruled by a smaller move', () => {
    const symbol = aSymbol({}, 0.05);
    [100, 100.01, 100.02].forEach((price, k) => {
      symbol.take(aTrade({ seq: BigInt(k + 1), price }));
    });
    expect(stepInUnits(symbol)).toBeCloseTo(0.05, 12);
  });

  test('untold is the smallest move seen so far, and no later move shows before it comes', () => {
    const symbol = aSymbol();
    const steps = [100, 100.5, 101, 100.9, 100.9, 103].map((price, k) => {
      symbol.take(aTrade({ seq: BigInt(k + 1), price }));
      return stepInUnits(symbol);
    });
    expect(steps[1]).toBeCloseTo(0.5, 10);
    expect(steps[2]).toBeCloseTo(0.5, 10);
    expect(steps[3]).toBeCloseTo(0.1, 10);
    expect(steps[5]).toBeCloseTo(0.1, 10);
  });

  test('is not taken from floating-point dust', () => {
    const symbol = aSymbol();
    [0.3, 0.1 + 0.2, 0.31].forEach((price, k) => {
      symbol.take(aTrade({ seq: BigInt(k + 1), price }));
    });
    expect(stepInUnits(symbol)).toBeCloseTo(0.01, 10);
  });
});

describe('the scale of a horizon', () => {
  test('is h times the one-event variance until an h-change is known', () => {
    const { observation, state, take } = aSymbol({ measure: 'value', horizons: [10] });
    take(aTrade({ seq: 1n, price: 0 }));
    take(aTrade({ seq: 2n, price: 3 }));
    take(aTrade({ seq: 3n, price: 0 }));
    expect(observation.scale(state, 0, 0)).toBeCloseTo(Math.sqrt((10 * (9 + 9)) / 3), 10);
  });

  test('is at least a quarter of a price step and never zero', () => {
    const told = aSymbol({ horizons: [1] }, 0.04);
    const untold = aSymbol({ horizons: [1] });
    for (let k = 1; k < 50; k += 1) {
      told.take(aTrade({ seq: BigInt(k) }));
      untold.take(aTrade({ seq: BigInt(k) }));
    }
    expect(told.observation.scale(told.state, 0, 0)).toBeCloseTo(1, 10);
    expect(untold.observation.scale(untold.state, 0, 0)).toBeGreaterThan(0);
  });
});

test('a symbol lives in its own slots and touches no others', () => {
  const observation = new Observation(someSettings());
  const { slots } = observation;
  const state = new Float64Array(3 * slots).fill(42);
  observation.begin(state, slots, Number.NaN);
  for (let k = 1; k <= 40; k += 1) {
    observation.take(state, slots, aTrade({ seq: BigInt(k), price: 100 + (k % 7), book: aBook() }));
  }
  expect(state.subarray(0, slots).every((slot) => slot === 42)).toBe(true);
  expect(state.subarray(2 * slots).every((slot) => slot === 42)).toBe(true);
});
