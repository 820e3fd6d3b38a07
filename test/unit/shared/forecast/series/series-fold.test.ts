import { beforeAll, describe, expect, test } from 'vitest';
import type { Forecast } from '#shared/forecast/forecast.ts';
import { genesisModel } from '#shared/forecast/genesis-model.ts';
import { decodeModel } from '#shared/forecast/model-artefact.ts';
import { SERIES_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { SERIES_EXPERTS } from '#shared/forecast/series/series-experts.ts';
import type { Control } from '#shared/market/control.ts';
import type { Row } from '#shared/market/tick.ts';
import { QuantileNetwork } from '#shared/nn/quantile-network.ts';
import { Random } from '#shared/nn/random.ts';
import { Fold } from '#test/builders/a-fold.ts';
import { someSettings } from '#test/builders/a-model.ts';
import { recordsOf } from '#test/builders/a-tape.ts';
import { aRow, MIDNIGHT_NS } from '#test/builders/a-tick.ts';

const SEASON = 12;
const HORIZONS = [1, 2, 6, 12];
const COLUMNS = ['east', 'west', 'north'];
const settings = someSettings({
  measure: 'value',
  horizons: HORIZONS,
  levels: SERIES_LEVELS,
  seasonTicks: SEASON,
});
const begin: Control = { kind: 'begin', warmUpTicks: 300, groups: { fx: COLUMNS } };

function aSeriesFold(): Fold {
  const { shape, weights } = decodeModel(genesisModel(settings));
  return new Fold(settings, [
    { sha: '0'.repeat(64), network: new QuantileNetwork(shape, weights) },
  ]);
}

/** A season of 12 with noise; `west` is what `east` was a tick ago; `north` has holes. */
interface RowOptions {
  readonly scaleAt?: (t: number) => number;
  readonly levelAt?: (t: number) => number;
}

function rowsOf(count: number, { scaleAt = () => 1, levelAt = () => 0 }: RowOptions = {}): Row[] {
  const random = new Random(31);
  let before = 0;
  return Array.from({ length: count }, (_, t) => {
    const wave = 3 * Math.sin((2 * Math.PI * t) / SEASON);
    const east = levelAt(t) + scaleAt(t) * (wave + random.normal());
    const north = t % 29 === 7 ? Number.NaN : levelAt(t) + scaleAt(t) * random.normal();
    const cells = [east, before, north];
    before = east;
    return aRow(cells, {
      seq: BigInt(t + 1),
      eventTimeNs: MIDNIGHT_NS + BigInt(t) * 3_600_000_000_000n,
    });
  });
}

const rows = rowsOf(1600);
const records = recordsOf([begin, ...rows]);
let whole: Fold;

beforeAll(() => {
  whole = aSeriesFold().fold(records);
});

function forecastsOf(fold: Fold, symbol: string): Forecast[] {
  return fold.out.entries.flatMap(({ forecasts }) => forecasts.filter((f) => f.symbol === symbol));
}

describe('the same rows give the same bytes of forecasts and state', () => {
  test('in slices', () => {
    const fold = aSeriesFold();
    for (let at = 0; at < records.length; at += 37) fold.fold(records.slice(at, at + 37));
    expect(fold.made()).toEqual(whole.made());
  });

  test('when all memory is dropped and restored on the way', () => {
    const fold = aSeriesFold();
    for (let at = 0; at < records.length; at += 211) {
      fold.fold(records.slice(at, at + 211)).restart();
    }
    expect(fold.made()).toEqual(whole.made());
  });
});

test('another future changes no forecast of before, and some of after', () => {
  const cut = 900;
  const changed = rows.map((row, t) =>
    t < cut ? row : { ...row, values: row.values.map((value) => value + 1) },
  );
  const other = aSeriesFold().fold(recordsOf([begin, ...changed]));
  const early = (fold: Fold) => fold.out.entries.filter(({ src }) => src <= BigInt(cut));
  expect(other.forecastBytes(early(other))).toEqual(other.forecastBytes(early(whole)));
  expect(other.forecastBytes()).not.toEqual(whole.forecastBytes());
});

test('a missing cell makes no forecast, and the other series of its row have theirs', () => {
  const missing = rows.filter(({ values }) => Number.isNaN(values[2])).length;
  expect(missing).toBeGreaterThan(50);
  expect(forecastsOf(whole, 'north')).toHaveLength(rows.length - missing);
  expect(forecastsOf(whole, 'east')).toHaveLength(rows.length);
});

test('the next value of a series that follows another is read off the other', () => {
  const forecasts = forecastsOf(whole, 'west');
  let [error, lastValue] = [0, 0];
  for (let t = 800; t < rows.length - 1; t += 1) {
    const truth = rows[t + 1].values[1];
    error += (forecasts[t].originValue + forecasts[t].horizons[0].point - truth) ** 2;
    lastValue += (forecasts[t].originValue - truth) ** 2;
  }
  expect(error).toBeLessThan(0.05 * lastValue);
  const [{ weights }] = forecasts[rows.length - 1].horizons;
  expect(weights[SERIES_EXPERTS.indexOf('cross-series')]).toBeGreaterThan(150);
});

/** Share of targets inside the central 50, 80 and 95 % of one series. */
function coverageOf(
  tape: readonly Row[],
  k: number,
  [from, to]: readonly [number, number],
): number[] {
  const fold = aSeriesFold().fold(recordsOf([begin, ...tape]));
  expect(fold.nonFiniteCount).toBe(0);
  const forecasts = forecastsOf(fold, 'east');
  const inside = [0, 0, 0];
  for (let t = from; t < to; t += 1) {
    const { quantiles } = forecasts[t].horizons[k];
    expect(quantiles.every(Number.isFinite)).toBe(true);
    expect(quantiles).toEqual(quantiles.slice().sort());
    const happened = tape[t + HORIZONS[k]].values[0] - tape[t].values[0];
    [2, 1, 0].forEach((low, n) => {
      if (happened >= quantiles[low] && happened <= quantiles[8 - low]) inside[n] += 1;
    });
  }
  return inside.map((count) => count / (to - from));
}

describe('intervals are calibrated', () => {
  test.each([
    ['on a plain season', rowsOf(2200), [800, 2180] as const, 0.03],
    [
      'after the level has jumped by a thousand',
      rowsOf(3200, { levelAt: (t) => (t < 1000 ? 0 : 1000) }),
      [2200, 3180] as const,
      0.1,
    ],
    [
      'after the scale has grown a thousandfold',
      rowsOf(4200, { scaleAt: (t) => (t < 1000 ? 1 : 1000) }),
      [2800, 4180] as const,
      0.07,
    ],
  ])('%s', (_, tape, span, tolerance) => {
    for (const k of [0, 3]) {
      coverageOf(tape, k, span).forEach((found, n) => {
        expect(Math.abs(found - [0.5, 0.8, 0.95][n])).toBeLessThan(tolerance);
      });
    }
  });
});

test('a constant series is forecast to stay, with no width', () => {
  const flat = rows.slice(0, 400).map((row) => ({ ...row, values: Float64Array.of(5, 5, 5) }));
  const fold = aSeriesFold().fold(recordsOf([begin, ...flat]));
  expect(fold.nonFiniteCount).toBe(0);
  for (const { horizons } of forecastsOf(fold, 'east')) {
    for (const { quantiles, point } of horizons) {
      expect(Math.abs(point)).toBeLessThan(1e-4);
      expect(Math.max(...Array.from(quantiles, Math.abs))).toBeLessThan(1e-3);
    }
  }
});
