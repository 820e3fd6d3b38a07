import { describe, expect, test } from 'vitest';
import { type ForecastModel, ModelMissingError } from '#shared/forecast/fold-output.ts';
import type { Forecast } from '#shared/forecast/forecast.ts';
import type { Control } from '#shared/market/control.ts';
import type { Tick } from '#shared/market/tick.ts';
import { aFold, carriedState, type Fold } from '#test/builders/a-fold.ts';
import { aModel, someSettings } from '#test/builders/a-model.ts';
import { aTape, recordsOf } from '#test/builders/a-tape.ts';
import { aRow, aTrade, MIDNIGHT_NS } from '#test/builders/a-tick.ts';

const settings = someSettings();
const genesis = aModel(settings);
/** Equal parameters under another name: whatever differs after a switch to it is not the parameters' doing. */
const twin = aModel(settings, { lineage: 'twin' });
const other = aModel(settings, { remade: (parameter, k) => parameter * (1 + (k % 3) / 10) });
const tape = aTape({ tickCount: 120 });

const switchTo = (id: number, { sha }: ForecastModel): Control => ({
  kind: 'switch',
  id,
  sha,
  how: 'refresh',
});
const forecastsOf = (fold: Fold): Forecast[] =>
  fold.out.entries.flatMap((entry) => entry.forecasts);
const run = (values: readonly (Tick | Control)[], others: readonly ForecastModel[] = []): Fold =>
  aFold({}, others).fold(recordsOf(values));
const quantilesOf = (fold: Fold): Float32Array[] =>
  forecastsOf(fold).flatMap((forecast) => forecast.horizons.map(({ quantiles }) => quantiles));

describe('warm-up', () => {
  test('in ticks is counted per symbol, and its last tick is the first scored origin', () => {
    const values = aTape({ symbols: ['venue:a', 'venue:b'], tickCount: 120 });
    const forecasts = forecastsOf(run([{ kind: 'begin', warmUpTicks: 25 }, ...values]));
    for (const { origin, isWarming } of forecasts) expect(isWarming).toBe(origin < 24);
    expect(new Set(forecasts.map(({ symbol }) => symbol)).size).toBe(2);
  });

  test('in event time ends at its very nanosecond', () => {
    const untilNs = tape[60].eventTimeNs;
    const fold = run([{ kind: 'begin', warmUpUntilNs: `${untilNs}` }, ...tape]);
    for (const { eventTimeNs, isWarming } of forecastsOf(fold)) {
      expect(isWarming).toBe(eventTimeNs < untilNs);
    }
  });

  test('in event time survives a restart', () => {
    const begin: Control = { kind: 'begin', warmUpUntilNs: `${tape[60].eventTimeNs}` };
    const records = recordsOf([begin, ...tape]);
    const fold = aFold().fold(records.slice(0, 30)).restart().fold(records.slice(30));
    expect(fold.forecastBytes()).toEqual(aFold().fold(records).forecastBytes());
  });

  test('without a begin record there is none', () => {
    expect(forecastsOf(run(tape)).some(({ isWarming }) => isWarming)).toBe(false);
  });

  test('is what the first begin record says; a repeat of it with other words changes nothing', () => {
    const [first, second]: Control[] = [
      { kind: 'begin', warmUpTicks: 25 },
      { kind: 'begin', warmUpTicks: 99 },
    ];
    const twice = run([first, ...tape.slice(0, 40), second, ...tape.slice(40)]);
    const once = run([first, ...tape]);
    expect(quantilesOf(twice)).toEqual(quantilesOf(once));
    expect(forecastsOf(twice).filter(({ isWarming }) => isWarming)).toHaveLength(24);
  });
});

describe('a switch', () => {
  test('changes the model of the forecasts exactly at its offset', () => {
    const fold = run([...tape.slice(0, 50), switchTo(1, other), ...tape.slice(50)], [other]);
    for (const { src, forecasts } of fold.out.entries) {
      expect(forecasts[0].modelSha).toBe(src < 50n ? genesis.sha : other.sha);
    }
    const stayed = quantilesOf(run(tape));
    const switched = quantilesOf(fold);
    expect(switched.slice(0, 100)).toEqual(stayed.slice(0, 100));
    // One tick ahead both may say the same whole steps of the price; ten ahead they do not.
    expect(switched[101]).not.toEqual(stayed[101]);
  });

  test('carries hidden and cell state, calibration and pending forecasts', () => {
    const fold = run([...tape.slice(0, 50), switchTo(1, twin), ...tape.slice(50)], [twin]);
    expect(quantilesOf(fold)).toEqual(quantilesOf(run(tape)));
    expect(forecastsOf(fold)[119].modelSha).toBe(twin.sha);
  });

  test('touches no symbol: only the state of the partition changes', () => {
    const fold = run(tape.slice(0, 50), [other]);
    const before = fold.state();
    fold.fold(recordsOf([switchTo(1, other)], 50n));
    expect({ ...fold.state(), partition: null }).toEqual({ ...before, partition: null });
    expect(fold.state().partition).not.toEqual(before.partition);
  });

  test('that repeats, or is older than the newest outcome, is ignored', () => {
    const late = [switchTo(2, twin), switchTo(1, twin), switchTo(2, genesis)];
    const fold = run([switchTo(2, other), ...late, ...tape.slice(0, 20)], [other, twin]);
    expect(forecastsOf(fold).every(({ modelSha }) => modelSha === other.sha)).toBe(true);
    fold.restart().fold(recordsOf([switchTo(2, twin), ...tape.slice(20)], 24n));
    expect(forecastsOf(fold).every(({ modelSha }) => modelSha === other.sha)).toBe(true);
  });

  test('that comes after a refusal of the same number is ignored', () => {
    const refusal: Control = { kind: 'refuse', id: 4, reason: 'no better' };
    const fold = run([refusal, switchTo(4, other), ...tape.slice(0, 5)], [other]);
    expect(forecastsOf(fold)[0].modelSha).toBe(genesis.sha);
  });

  test('to a model that was not handed over stops the fold', () => {
    expect(() => run([...tape.slice(0, 5), switchTo(1, other)])).toThrow(ModelMissingError);
  });

  test('may go back to an earlier model among the same records', () => {
    const there = [...tape.slice(0, 20), switchTo(1, other), ...tape.slice(20, 40)];
    const fold = run([...there, switchTo(2, genesis), ...tape.slice(40)], [other]);
    const shas = forecastsOf(fold).map(({ modelSha }) => modelSha);
    const inUse = (t: number) => (t >= 20 && t < 40 ? other.sha : genesis.sha);
    expect(shas).toEqual(tape.map((_, t) => inUse(t)));
  });

  test('is remembered over a restart, which needs the model again', () => {
    const fold = run([switchTo(1, other), ...tape.slice(0, 50)], [other]);
    const { partition } = fold.state();
    expect(() => aFold().restore(partition)).toThrow(ModelMissingError);
    fold.restart().fold(recordsOf(tape.slice(50), 51n));
    expect(forecastsOf(fold)[119].modelSha).toBe(other.sha);
  });
});

describe('a model whose numbers are not finite', () => {
  const broken = aModel(settings, { remade: (parameter, k) => (k === 5 ? Number.NaN : parameter) });
  const until = 60;
  const values = [...tape.slice(0, until), switchTo(1, broken), ...tape.slice(until, 80)];

  test('gives no forecast, is counted, and leaves hidden and cell state as they were', () => {
    const before = run(tape.slice(0, until));
    const fold = run(values, [broken]);
    expect(fold.nonFiniteCount).toBe(20);
    expect(fold.out.entries).toHaveLength(until);
    const [now, then] = [fold, before].map(
      ({ stored }) => stored.get('venue:a') ?? new Uint8Array(),
    );
    const carried = carriedState(now, settings.hiddenSize);
    expect(carried).toEqual(carriedState(then, settings.hiddenSize));
    expect(carried.some((slot) => slot !== 0)).toBe(true);
    expect(carried.every(Number.isFinite)).toBe(true);
    expect(now).not.toEqual(then);
  });

  test('is left behind by the next switch, and nothing that it did not state is scored', () => {
    const fold = run([...values, switchTo(2, twin), ...tape.slice(80)], [broken, twin]);
    const origins = forecastsOf(fold).map(({ origin }) => origin);
    expect(origins).toEqual(tape.map((_, t) => t).filter((t) => t < 60 || t >= 80));
    const [first, second] = fold.out.scores.map(({ horizons }) => horizons);
    expect(first.map(({ count }) => count)).toEqual([49, 40]);
    // Of the events 51 to 100 those whose origin, h before, has a forecast.
    expect(second.map(({ count }) => count)).toEqual([30, 30]);
    expect(quantilesOf(fold).every((quantiles) => quantiles.every(Number.isFinite))).toBe(true);
  });
});

describe('a row', () => {
  const begin: Control = { kind: 'begin', groups: { fx: ['eur', 'usd', 'yen'] } };
  const rowAt = (k: number, values: readonly number[]) =>
    aRow(values, { seq: BigInt(k + 1), eventTimeNs: MIDNIGHT_NS + BigInt(k) * 1_000_000_000n });

  test('makes one entry with the forecasts of its cells in their order, and none of a missing cell', () => {
    const fold = run([
      begin,
      rowAt(0, [1.1, 1, 150]),
      rowAt(1, [Number.NaN, 1.01, 151]),
      rowAt(2, [1.2, 1, 150]),
    ]);
    const symbols = fold.out.entries.map(({ forecasts }) => forecasts.map(({ symbol }) => symbol));
    expect(symbols).toEqual([
      ['eur', 'usd', 'yen'],
      ['usd', 'yen'],
      ['eur', 'usd', 'yen'],
    ]);
    expect(fold.out.entries[2].forecasts.map(({ origin }) => origin)).toEqual([1, 2, 2]);
    expect(fold.tickCount).toBe(8);
  });

  test('forecasts each of its symbols as ticks of their own would', () => {
    const rows = Array.from({ length: 70 }, (_, k) =>
      rowAt(k, [1.1 + (k % 4) / 100, 1, 150 + (k % 6)]),
    );
    const fold = run([begin, ...rows]);
    const yen = rows.map((row) =>
      aTrade({
        symbol: 'yen',
        seq: row.seq,
        eventTimeNs: row.eventTimeNs,
        price: row.values[2],
        size: 0,
        side: 0,
      }),
    );
    expect(forecastsOf(fold).filter(({ symbol }) => symbol === 'yen')).toEqual(
      forecastsOf(run(yen)),
    );
  });

  test.each([
    ['a group that was not declared', aRow([1, 2, 3], { symbol: 'metals' })],
    ['a group named as what every object has', aRow([1], { symbol: 'constructor' })],
    ['another number of cells', aRow([1, 2])],
  ])('of %s is rejected and changes nothing', (_, row) => {
    const fold = run([begin, rowAt(0, [1, 2, 3])]);
    const before = fold.state();
    fold.fold(recordsOf([row], 2n));
    expect(fold.out.rejects).toMatchObject([{ src: 2n, reason: 'GROUP_UNKNOWN' }]);
    expect(fold.state()).toEqual(before);
  });

  test('before any begin record is rejected', () => {
    expect(run([rowAt(0, [1, 2, 3])]).out.rejects).toMatchObject([
      { src: 0n, reason: 'GROUP_UNKNOWN' },
    ]);
  });

  test('that comes late is rejected for each of its symbols', () => {
    const fold = run([
      begin,
      rowAt(5, [1, 2, 3]),
      { ...rowAt(6, [1, Number.NaN, 3]), eventTimeNs: MIDNIGHT_NS },
    ]);
    expect(fold.out.rejects.map(({ src, reason }) => [src, reason])).toEqual([
      [2n, 'LATE'],
      [2n, 'LATE'],
    ]);
  });
});

describe('a record that cannot be read', () => {
  const damaged = [
    new Uint8Array(0),
    Uint8Array.of(1),
    Uint8Array.of(99, 1, 0, 0),
    Uint8Array.of(1, 4, 0, 0, 5, 6, 7),
    recordsOf([aTrade()])[0].value.subarray(0, 30),
  ];

  test('is rejected at its offset, and the others go on as if it were not there', () => {
    const sound = recordsOf(tape);
    const records = sound.flatMap(({ value }, k) =>
      k % 24 === 7 ? [value, damaged[(k - 7) / 24]] : [value],
    );
    const fold = aFold().fold(records.map((value, k) => ({ offset: BigInt(k), value })));
    expect(fold.out.rejects.map(({ src, reason }) => [src, reason])).toEqual(
      [8n, 33n, 58n, 83n, 108n].map((src) => [src, 'CORRUPT']),
    );
    expect(quantilesOf(fold)).toEqual(quantilesOf(run(tape)));
  });

  test('says what was wrong with it', () => {
    const fold = aFold().fold([{ offset: 7n, value: Uint8Array.of(99, 1, 0, 0) }]);
    expect(fold.out.rejects[0].message).toContain('version must be 1, was 99');
  });
});

test('a late tick is rejected with its symbol and time, and changes nothing', () => {
  const fold = run(tape.slice(0, 20));
  const before = fold.state();
  fold.fold(recordsOf([aTrade({ seq: 21n, eventTimeNs: MIDNIGHT_NS - 1n })], 20n));
  expect(fold.out.rejects).toMatchObject([{ src: 20n, reason: 'LATE' }]);
  expect(fold.out.rejects[0].message).toContain('venue:a');
  expect(fold.state()).toEqual(before);
});
