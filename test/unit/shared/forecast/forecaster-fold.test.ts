import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Control } from '#shared/market/control.ts';
import type { Tick } from '#shared/market/tick.ts';
import { aFold, type Fold } from '#test/builders/a-fold.ts';
import { aModel, someSettings } from '#test/builders/a-model.ts';
import { aTape, recordsOf } from '#test/builders/a-tape.ts';
import { aRow } from '#test/builders/a-tick.ts';

const other = aModel(someSettings(), { remade: (parameter, k) => parameter * (1 + (k % 3) / 10) });
const begin: Control = {
  kind: 'begin',
  warmUpTicks: 30,
  priceSteps: { 'venue:b': 0.01 },
  groups: { fx: ['eur', 'usd', 'yen'] },
};
const SYMBOLS = ['venue:a', 'venue:b', 'venue:c'];

/** Ticks of three symbols, quotes, rows with holes, a switch and a refusal: all that a log may hold. */
function mixedLog(seed = 1): (Tick | Control)[] {
  const values: (Tick | Control)[] = [begin];
  aTape({ symbols: SYMBOLS, tickCount: 260, seed, quoteShare: 0.2 }).forEach((tick, k) => {
    values.push(tick);
    if (k % 8 === 3) {
      const cells = [1.1, k % 3 === 0 ? Number.NaN : 1 + (k % 5) / 100, 150 + (k % 7)];
      values.push(aRow(cells, { seq: BigInt(k + 1), eventTimeNs: tick.eventTimeNs }));
    }
    if (k === 90) values.push({ kind: 'train', id: 1, ranges: [], seed: 1 });
    if (k === 110) values.push({ kind: 'switch', id: 1, sha: other.sha, how: 'refresh' });
    if (k === 180) values.push({ kind: 'refuse', id: 2, reason: 'no better' });
  });
  return values;
}

const records = recordsOf(mixedLog());
const newFold = (): Fold => aFold({}, [other]);
let whole: Fold;

beforeAll(() => {
  whole = newFold().fold(records);
});

test('the log of these tests makes forecasts, scores and a switch', () => {
  expect(whole.out.entries.length).toBeGreaterThan(200);
  expect(whole.out.scores.length).toBeGreaterThan(2);
  const shas = whole.out.entries.flatMap(({ forecasts }) =>
    forecasts.map(({ modelSha }) => modelSha),
  );
  expect(new Set(shas).size).toBe(2);
  expect([...whole.stored.keys()].toSorted()).toEqual(['eur', 'usd', ...SYMBOLS, 'yen']);
});

describe('the same records give the same bytes of forecasts and state', () => {
  test('one at a time', () => {
    const fold = newFold();
    for (const record of records) fold.fold([record]);
    expect(fold.made()).toEqual(whole.made());
  });

  test('in slices of any sizes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }), (sizes) => {
        const fold = newFold();
        for (let at = 0, k = 0; at < records.length; k += 1) {
          const size = sizes[k % sizes.length];
          fold.fold(records.slice(at, at + size));
          at += size;
        }
        expect(fold.made()).toEqual(whole.made());
      }),
      { numRuns: 12 },
    );
  });

  test('when all memory is dropped and restored, at any offsets', () => {
    const offsets = fc.uniqueArray(fc.nat({ max: records.length - 1 }), { maxLength: 5 });
    fc.assert(
      fc.property(offsets, (cuts) => {
        const fold = newFold();
        const bounds = [...cuts.toSorted((a, b) => a - b), records.length];
        bounds.forEach((bound, k) => {
          fold.fold(records.slice(bounds[k - 1] ?? 0, bound)).restart();
        });
        expect(fold.made()).toEqual(whole.made());
      }),
      { numRuns: 15 },
    );
  });

  test('when memory is dropped after every single record', () => {
    const fold = newFold();
    for (const record of records.slice(0, 150)) fold.fold([record]).restart();
    expect(fold.fold(records.slice(150)).made()).toEqual(whole.made());
  });

  test('when the first records are handed in twice: repeats change nothing but their count', () => {
    const ticks = recordsOf(aTape({ tickCount: 60 }));
    const once = aFold().fold(ticks);
    const twice = aFold().fold(ticks).fold(ticks);
    expect(twice.state()).toEqual(once.state());
    expect(twice.forecastBytes()).toEqual(once.forecastBytes());
    expect(twice.duplicateCount).toBe(60);
  });
});

test('what comes after an offset changes no forecast or score at or before it', () => {
  const tapes = [mixedLog(1), mixedLog(2)];
  fc.assert(
    fc.property(fc.integer({ min: 1, max: records.length - 1 }), (cut) => {
      const ended = newFold().fold(records.slice(0, cut)).out;
      // The other log's ticks go on from here: other prices, other times, as late or early as they may be.
      const changed = newFold().fold(
        recordsOf([...tapes[0].slice(0, cut), ...tapes[1].slice(cut)]),
      );
      const early = changed.out.entries.filter(({ src }) => src < cut);
      expect(changed.forecastBytes(early)).toEqual(changed.forecastBytes(ended.entries));
      expect(changed.out.scores.filter(({ src }) => src < cut)).toEqual(ended.scores);
      expect(changed.forecastBytes()).not.toEqual(whole.forecastBytes());
    }),
    { numRuns: 12 },
  );
});

test('symbols do not touch one another: each alone gets the forecasts it gets among others', () => {
  const tape = aTape({ symbols: SYMBOLS, tickCount: 300 });
  const together = aFold()
    .fold(recordsOf(tape))
    .out.entries.flatMap(({ forecasts }) => forecasts);
  for (const symbol of SYMBOLS) {
    const alone = aFold().fold(recordsOf(tape.filter((tick) => tick.symbol === symbol)));
    const forecasts = alone.out.entries.flatMap((entry) => entry.forecasts);
    expect(forecasts).toEqual(together.filter((forecast) => forecast.symbol === symbol));
  }
});

test('every entry names the entry before it', () => {
  let prev = -1n;
  for (const entry of whole.out.entries) {
    expect(entry.prev).toBe(prev);
    prev = entry.src;
  }
});

test('quantiles never cross, whatever the parameters and the ticks', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 60 }), (seed, wildness) => {
      const settings = someSettings({ seed });
      const wild = aModel(settings, { remade: (parameter) => parameter * wildness });
      const fold = aFold({ seed }, [wild]);
      fold.fold(
        recordsOf([
          { kind: 'begin', warmUpTicks: 20 },
          { kind: 'switch', id: 1, sha: wild.sha, how: 'refresh' },
          ...aTape({ tickCount: 80, seed }),
        ]),
      );
      const horizons = fold.out.entries.flatMap((e) => e.forecasts.flatMap((f) => f.horizons));
      expect(horizons).toHaveLength(160);
      for (const { quantiles, point } of horizons) {
        expect(quantiles).toEqual(quantiles.slice().sort());
        expect(quantiles.every(Number.isFinite)).toBe(true);
        expect(point).toBe(quantiles[10]);
      }
    }),
    { numRuns: 25 },
  );
});
