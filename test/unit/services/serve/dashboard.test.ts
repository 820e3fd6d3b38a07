import { describe, expect, test } from 'vitest';
import { Board } from '#services/serve/dashboard/board.ts';
import { chartGeometry } from '#services/serve/dashboard/chart-geometry.ts';
import {
  age,
  decimal,
  decimalsOf,
  percent,
  relativeChange,
} from '#services/serve/dashboard/number-text.ts';
import { shownHorizons } from '#services/serve/dashboard/shown-horizons.ts';
import type { WireForecast } from '#shared/wire/message.ts';

const LEVELS = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975];

describe('what the page counts', () => {
  test('a conflated forecast counts those it stands for, and leaves no gap', () => {
    const board = aBoard();
    board.takeForecasts({ sentMs: 0, levels: LEVELS, forecasts: [at(1), at(5, 3)] }, 0);
    expect(board).toMatchObject({ updateCount: 5, gapCount: 0, repeatCount: 0 });
  });

  test('a missing and a repeated forecast are seen', () => {
    const board = aBoard();
    board.takeForecasts({ sentMs: 0, levels: LEVELS, forecasts: [at(2), at(2)] }, 0);
    expect(board).toMatchObject({ gapCount: 1, repeatCount: 1 });
  });
});

describe('the fan chart', () => {
  test('the fan begins at the newest value, widens, and ends at the forecast quantiles', () => {
    const geometry = aChart();
    const [widest] = geometry.fan;
    expect(widest[0]).toEqual({ x: 40, low: 100, high: 100 });
    expect(widest.at(-1)).toEqual({ x: 50, low: 97, high: 103 });
    const widths = widest.map(({ low, high }) => high - low);
    expect([...widths].sort((a, b) => a - b)).toEqual(widths);
  });

  test('a past band stands where its target was, not where it was made', () => {
    const { before } = aChart();
    expect(before[0][0]).toEqual({ x: 10, low: 97, high: 103 });
    expect(before[0].at(-1)?.x).toBe(40);
  });

  test('a value outside its widest band is marked', () => {
    expect(aChart().misses).toEqual([{ x: 20, y: 110, eventTimeNs: '0' }]);
  });

  test('everything drawn lies inside the axes', () => {
    const { yMin, yMax, past, fan } = aChart();
    for (const { y } of past) expect(y > yMin && y < yMax).toBe(true);
    for (const { low, high } of fan[0]) expect(low > yMin && high < yMax).toBe(true);
  });
});

describe('horizons', () => {
  test('a few are shown as they are', () => {
    expect(shownHorizons([1, 10, 100])).toEqual([1, 10, 100]);
  });

  test('of many, some that span them', () => {
    const all = Array.from({ length: 48 }, (_, k) => k + 1);
    expect(shownHorizons(all)).toEqual([1, 2, 3, 5, 9, 16, 28, 48]);
    expect(shownHorizons(all.map((h) => h + 100))).toHaveLength(8);
  });
});

describe('numbers as text', () => {
  test('a change has its own sign below zero, and none can be told from zero', () => {
    expect(relativeChange(-2, -1)).toBe(0.5);
    expect(relativeChange(100, 99)).toBe(-0.01);
    expect(relativeChange(0, 3)).toBeNull();
  });

  test('decimals are those of the prices as they came', () => {
    expect(decimalsOf([100.25, 99.5])).toBe(2);
    expect(decimalsOf([7, 8])).toBe(0);
    expect(decimalsOf([0.1 + 0.2])).toBe(1);
    expect(decimalsOf([Math.PI])).toBeLessThanOrEqual(8);
  });

  test('signs are typographic, thousands apart, and zero has no sign', () => {
    expect(decimal(-1234567.5, 1)).toBe('−1\u202f234\u202f567.5');
    expect(decimal(-0.001, 2)).toBe('0.00');
    expect(percent(0.0123)).toBe('+1.2\u202f%');
    expect(percent(0.00001)).toBe('0.0\u202f%');
    expect(percent(null)).toBe('–');
  });

  test('ages do not flicker', () => {
    expect([900, 59_999, 60_000, 7_200_000].map(age)).toEqual(['0 s', '59 s', '1 min', '2 h']);
  });
});

function aBoard(): Board {
  const board = new Board();
  const position = { run: 'r', src: {} };
  const past = { symbol: 'a', origins: [0], eventTimesNs: ['0'], values: [100] };
  const snapshot = { position, levels: LEVELS, forecasts: [at(0)], history: [past] };
  board.takeSnapshot({ type: 'snapshot', sentMs: 0, ...snapshot });
  board.choose('a');
  return board;
}

function aChart() {
  const board = aBoard();
  const forecasts = Array.from({ length: 40 }, (_, k) => at(k + 1, 0, k + 1 === 20 ? 110 : 100));
  board.takeForecasts({ sentMs: 0, levels: LEVELS, forecasts }, 0);
  board.takePast('a', [at(0)]);
  const view = board.chosenView();
  if (view === null) throw new Error('no symbol was chosen');
  return chartGeometry(view, LEVELS, 10);
}

function at(origin: number, merged = 0, originValue = 100): WireForecast {
  return {
    symbol: 'a',
    modelSha: 'ff',
    origin,
    eventTimeNs: '0',
    position: { partition: 0, src: `${origin}`, prev: `${origin - 1}` },
    originValue,
    isWarming: false,
    score: null,
    merged,
    experts: [],
    horizons: [
      {
        horizonTicks: 1,
        point: 100,
        quantiles: [99, 99.4, 99.6, 100, 100.4, 100.6, 101],
        weights: [],
      },
      { horizonTicks: 10, point: 100, quantiles: [97, 98, 99, 100, 101, 102, 103], weights: [] },
    ],
  };
}
