import { describe, expect, test } from 'vitest';
import type { Forecast } from '#shared/forecast/forecast.ts';
import { SERIES_LEVELS, TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { Random } from '#shared/nn/random.ts';
import { aFolder } from '#test/builders/a-folder.ts';
import { replayed } from '#test/builders/a-replay.ts';
import { judged, NOMINAL } from '#test/builders/judged.ts';
import { replayedRows } from '#test/builders/replayed-rows.ts';
import { hour } from '#test/builders/wide-file.ts';

const SEASON = 24;
const ROWS = 1600;
const SMALL = {
  FORETICK_TRAIN_WINDOWS: '2',
  FORETICK_TRAIN_STEPS: '16',
  FORETICK_TRAIN_EVERY_TICKS: '200',
};

interface Kind {
  readonly name: string;
  readonly levels: readonly number[];
  readonly measure: 'price' | 'value';
  readonly environment: Readonly<Record<string, string>>;
}

const SERIES: Kind = {
  name: 'as a regular series',
  levels: SERIES_LEVELS,
  measure: 'value',
  environment: {
    ...SMALL,
    FORETICK_MEASURE: 'value',
    FORETICK_SEASON_TICKS: `${SEASON}`,
    FORETICK_HORIZONS: '1,24',
  },
};
const TICKS: Kind = {
  name: 'as ticks',
  levels: TICK_LEVELS,
  measure: 'value',
  environment: { ...SMALL, FORETICK_MEASURE: 'value', FORETICK_HORIZONS: '1,10' },
};

type Cells = readonly (number | null)[];

/** Forecasts of one series by the whole pipeline, trainings included; each is finite, and its quantiles rise. */
async function forecastsOf(cells: Cells, kind: Kind): Promise<readonly Forecast[]> {
  const rows = cells.map((cell) => [cell]);
  const replayed = await replayedRows(['a'], rows, kind.environment);
  const forecasts = replayed.forecasts.get('a') ?? [];
  expect(forecasts).toHaveLength(valuesOf(cells).length);
  expect(replayed.nonFiniteCount).toBe(0);
  expectSound(forecasts);
  return forecasts;
}

function expectSound(forecasts: readonly Forecast[]): void {
  for (const { point, quantiles } of forecasts.flatMap(({ horizons }) => horizons)) {
    if (!Number.isFinite(point)) throw new Error(`a point must be finite, was ${point}`);
    quantiles.forEach((quantile, k) => {
      const isRising = Number.isFinite(quantile) && (k === 0 || quantile >= quantiles[k - 1]);
      if (!isRising) throw new Error(`quantiles must rise, were ${quantiles.join(' ')}`);
    });
  }
}

function valuesOf(cells: Cells): number[] {
  return cells.filter((cell) => cell !== null);
}

/** A day of two waves about zero, with noise. */
function days(count = ROWS): number[] {
  const random = new Random(5);
  return Array.from({ length: count }, (_, t) => {
    const angle = (2 * Math.PI * t) / SEASON;
    return Math.sin(angle) + 0.5 * Math.sin(2 * angle + 1) + 0.3 * random.normal();
  });
}

function walk(step: number): number[] {
  const random = new Random(5);
  let value = 0;
  return Array.from({ length: ROWS }, () => {
    value += step * random.normal();
    return value;
  });
}

/** What happens to a series, at a third of its length where it happens once. */
const FATES: Readonly<Record<string, (value: number, t: number) => number | null>> = {
  'nothing befalls': (value) => value,
  'has holes of hours': (value, t) => (t % 31 === 7 || t % 31 === 8 ? null : value),
  'has holes of days': (value, t) => (t % 240 >= 180 && t % 240 < 235 ? null : value),
  'jumps by a thousand of its own size': (value, t) => value + (t < 600 ? 0 : 1000),
  'grows a thousandfold': (value, t) => value * (t < 600 ? 1 : 1000),
  'shrinks a thousandfold': (value, t) => value * (t < 600 ? 1 : 1e-3),
  'stands still and then jumps back': (value, t) => (t >= 400 && t < 700 ? 3 : value),
  'stands still at first': (value, t) => (t < 600 ? 3 : value),
  'is far from zero': (value) => 1e8 + value,
  'is below zero': (value) => value - 50,
  'is counted in tiny units': (value) => 1e-25 * value,
  'is counted in huge units': (value) => 1e25 * value,
};

/** Errors and coverage over the last third. */
async function outcome(cells: Cells, kind: Kind) {
  const values = valuesOf(cells);
  const from = Math.floor(0.7 * values.length);
  const { levels, measure } = kind;
  return judged(values, await forecastsOf(cells, kind), {
    ...{ levels, measure, from },
    seasonTicks: SEASON,
  });
}

function expectCovered(coverage: readonly number[], tolerance: number): void {
  coverage.forEach((found, n) => {
    expect(Math.abs(found - NOMINAL[n]), `in ${NOMINAL[n]}`).toBeLessThan(tolerance);
  });
}

describe.each(Object.keys(FATES))('a series of days that %s', (fate) => {
  const cells = days().map(FATES[fate]);

  test('is forecast, by its season, no worse than by last value and seasonal naive, and calibrated', async () => {
    for (const { vsLastValue, vsSeasonal, coverage } of await outcome(cells, SERIES)) {
      expect(vsLastValue).toBeLessThan(1.03);
      expect(vsSeasonal).toBeLessThan(1.03);
      expectCovered(coverage, 0.08);
    }
  });

  test('is forecast as ticks no worse than by its last value, and calibrated', async () => {
    for (const { vsLastValue, coverage } of await outcome(cells, TICKS)) {
      expect(vsLastValue).toBeLessThan(1.03);
      expectCovered(coverage, 0.13);
    }
  });
});

test.each([
  ['1e-8', 1e-8, 0.002, 1e-12],
  ['3e-8, and moves by few steps', 3e-8, 0.02, 1e-9],
  ['1e8', 1e8, 1e-4, 0.01],
])('a price of %s is calibrated, and not forecast to move', async (_, start, size, step) => {
  const prices = walk(size).map(
    (x) => Math.max(1, Math.round((start * Math.exp(x)) / step)) * step,
  );
  const environment = { ...TICKS.environment, FORETICK_MEASURE: 'price' };
  const kind: Kind = { ...TICKS, measure: 'price', environment };
  for (const { vsLastValue, coverage } of await outcome(prices, kind)) {
    expect(vsLastValue).toBeLessThan(1.03);
    expectCovered(coverage, 0.1);
  }
});

test.each([SERIES, TICKS])(
  'a hundred values are forecast, each by the size of its changes, $name',
  async (kind) => {
    const forecasts = await forecastsOf(days(100), kind);
    const [{ quantiles }] = forecasts[99].horizons;
    expect((quantiles.at(-1) ?? 0) - quantiles[0]).toBeGreaterThan(0.5);
    expect((quantiles.at(-1) ?? 0) - quantiles[0]).toBeLessThan(5);
  },
);

test.each([SERIES, TICKS])('what never moves is forecast not to, $name', async (kind) => {
  for (const value of [0, 5, -1e9]) {
    const forecasts = await forecastsOf(new Array<number>(300).fill(value), kind);
    for (const { point, quantiles } of forecasts.flatMap(({ horizons }) => horizons)) {
      expect(Math.max(Math.abs(point), ...quantiles.map(Math.abs))).toBeLessThanOrEqual(
        1e-7 * Math.abs(value),
      );
    }
  }
});

test('a series that begins late among old ones is forecast as well as they are, and changes none of their past', async () => {
  const [old, late] = [days(), days().map((value, t) => (t < 800 ? null : -2 * value))];
  const rows = old.map((value, t) => [value, late[t]]);
  const { forecasts, nonFiniteCount } = await replayedRows(
    ['old', 'late'],
    rows,
    SERIES.environment,
  );
  expect(nonFiniteCount).toBe(0);
  for (const [symbol, cells] of [['old', old] as const, ['late', late] as const]) {
    const made = forecasts.get(symbol) ?? [];
    expectSound(made);
    const values = valuesOf(cells);
    const options = { levels: SERIES_LEVELS, measure: 'value', seasonTicks: SEASON } as const;
    const from = values.length - 400;
    for (const { vsLastValue, vsSeasonal, coverage } of judged(values, made, {
      ...options,
      from,
    })) {
      expect(vsLastValue).toBeLessThan(1);
      expect(vsSeasonal).toBeLessThan(1);
      expectCovered(coverage, 0.1);
    }
  }
});

test('a season longer than the whole series forecasts no worse than the last value', async () => {
  const environment = { ...SERIES.environment, FORETICK_SEASON_TICKS: '5000' };
  const [{ vsLastValue, coverage }] = await outcome(walk(1).slice(0, 900), {
    ...SERIES,
    environment,
  });
  expect(vsLastValue).toBeLessThan(1.03);
  expectCovered(coverage, 0.1);
});

test('three hundred series in one row have a forecast each at every row', async () => {
  const columns = Array.from({ length: 300 }, (_, k) => `s${k}`);
  const rows = days(60).map((value, t) =>
    columns.map((_, k) => (t % 50 === k % 50 ? null : value * (k + 1))),
  );
  const { forecasts, nonFiniteCount } = await replayedRows(columns, rows, SERIES.environment);
  expect(nonFiniteCount).toBe(0);
  for (const made of forecasts.values()) expectSound(made);
  const counts = [...forecasts.values()].map(({ length }) => length);
  expect(Math.min(...counts)).toBeGreaterThan(57);
});

test('rows that share a time, cells that are empty or NaN, and rows of nothing else are no fault of a file', async () => {
  const cells = [
    [1, 2],
    ['', 3],
    ['NaN', 'nan'],
    ['', ''],
    [-4, 0],
    [5, ''],
  ] as const;
  const rows = Array.from({ length: 60 }, (_, t) => `${hour(t >> 1)},${cells[t % 6].join(',')}`);
  const folder = await aFolder({ 'wide.csv': `date,a,b\n${rows.join('\n')}\n` });
  const flags = '--layout wide --measure value --season-ticks 4 --horizons 1,2 --warm-up 5';
  const summary = await replayed(folder, `--input wide.csv ${flags} --forecasts out.csv`);
  expect(summary).toMatchObject({ tickCount: 60, forecastCount: 60, rejects: {} });
});
