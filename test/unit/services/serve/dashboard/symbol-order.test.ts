import { describe, expect, test } from 'vitest';
import type { SymbolView } from '#services/serve/dashboard/board.ts';
import { Outlook } from '#services/serve/dashboard/outlook.ts';
import {
  changeOf,
  forecastMoveOf,
  inOrder,
  type Order,
} from '#services/serve/dashboard/symbol-order.ts';
import type { WireHorizonScore } from '#shared/wire/message.ts';
import { aWireForecast } from '#test/builders/a-wire-forecast.ts';

describe('the order of the list', () => {
  test('names match by all words, in any case and order', () => {
    const views = ['live:ALPHA', 'sim:ALPHA', 'sim:BETA'].map((symbol) => aView(symbol));
    expect(names(views, 'alpha')).toEqual(['live:ALPHA', 'sim:ALPHA']);
    expect(names(views, ' ALPHA  sim ')).toEqual(['sim:ALPHA']);
    expect(names(views, 'gamma')).toEqual([]);
    expect(names(views, '')).toEqual(['live:ALPHA', 'sim:ALPHA', 'sim:BETA']);
  });

  test('by change the largest rise is first, and what is not known last, by name', () => {
    const views = [aView('a', 90), aView('b', 120), aView('y'), aView('z')];
    expect(names(views, '', 'change')).toEqual(['b', 'a', 'y', 'z']);
  });

  test('names are put in order once, not by each pass: who are equal stay as they came', () => {
    const views = [aView('c', 100), aView('b', 120), aView('a', 100)];
    expect(names(views, '')).toEqual(['c', 'b', 'a']);
    expect(names(views, '', 'change')).toEqual(['b', 'c', 'a']);
    expect(views.map(({ symbol }) => symbol)).toEqual(['c', 'b', 'a']);
  });

  test('by skill, of the horizon that is looked at', () => {
    const views = [aView('a', 100, [0.1, -0.2]), aView('b', 100, [-0.1, 0.2])];
    expect(names(views, '', 'skill', 1)).toEqual(['a', 'b']);
    expect(names(views, '', 'skill', 10)).toEqual(['b', 'a']);
  });

  test('where all are ranked, what the page itself has heard of some does not count', () => {
    const views = [aView('a', 100, [0.5]), aView('b'), aView('c'), aView('d')];
    const ranking = new Map([
      ['a', 0.1],
      ['c', 0.3],
      ['b', -0.2],
    ]);
    const wish = { query: '', order: 'skill', horizonTicks: 1, ranking } as const;
    expect(inOrder(views, wish).map(({ symbol }) => symbol)).toEqual(['c', 'a', 'b', 'd']);
  });

  test('a share of a value around zero is not stated', () => {
    expect(changeOf({ ...aView('a', 5), firstPrice: -5 })).toBeNull();
    expect(changeOf(aView('a', 110))).toBeCloseTo(0.1);
    const outlook = new Outlook(aWireForecast(0, { originValue: -1 }));
    expect(forecastMoveOf({ ...aView('a'), outlook }, 1)).toBeNull();
  });

  test('ten thousand are put in order at once', () => {
    const views = Array.from({ length: 10_000 }, (_, k) => aView(`s${k}`, 100 + (k % 7)));
    const sorted = inOrder(views, {
      ...{ query: 's', order: 'change', horizonTicks: 1 },
      ranking: null,
    });
    expect(sorted.length).toBe(10_000);
    const changes = sorted.map((view) => changeOf(view) ?? 0);
    expect([...changes].sort((a, b) => b - a)).toEqual(changes);
  });
});

function names(views: SymbolView[], query: string, order: Order = 'name', horizonTicks = 1) {
  return inOrder(views, { query, order, horizonTicks, ranking: null }).map(({ symbol }) => symbol);
}

function aView(symbol: string, price?: number, skills: readonly number[] = []): SymbolView {
  const base = { symbol, eventTimeNs: '1', bid: null, ask: null, merged: 0 };
  const horizons = skills.map(
    (skillEwmaGaussian, k): WireHorizonScore => ({
      horizonTicks: [1, 10][k],
      count: 50,
      crps: 1,
      skillEwmaGaussian,
      skillLastValue: null,
      coverage: [0.5, 0.8, 0.95],
      pit: [],
      trail: [],
    }),
  );
  return {
    symbol,
    tick: price === undefined ? null : { ...base, price },
    firstPrice: price === undefined ? null : 100,
    score: skills.length === 0 ? null : { symbol, eventTimeNs: '1', horizons },
    outlook: null,
  };
}
