import { beforeEach, describe, expect, test } from 'vitest';
import { grantOf, OPEN_GRANT } from '#services/serve/access/grant.ts';
import { KeptAnswers } from '#services/serve/http/kept-answers.ts';
import { rankingAnswer } from '#services/serve/http/ranking-answer.ts';
import { LiveFeed } from '#services/serve/live-feed.ts';
import type { Forecast } from '#shared/forecast/forecast.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

const LEVELS = [0.25, 0.5, 0.75];
let feed: LiveFeed;
let offset = 0n;
let nowMs = 0;
let kept: KeptAnswers;

beforeEach(() => {
  feed = new LiveFeed({ run: 'r', partitionCount: 1, ringEntries: 64 });
  offset = 0n;
  kept = new KeptAnswers(() => nowMs);
});

describe('a ranking', () => {
  test('by forecast is by the relative move of the newest point forecast, ties by name', () => {
    take('venue:a', -3);
    take('venue:c', 20);
    take('venue:b', 20);
    take('venue:a', 100);
    expect(ranked('by=forecast&horizonTicks=10')).toEqual([
      ['venue:a', 0.0100502],
      ['venue:b', 0.002002],
      ['venue:c', 0.002002],
    ]);
    expect(ranked('by=forecast&horizonTicks=10&limit=1')).toHaveLength(1);
    expect(ranked('by=forecast&horizonTicks=7')).toEqual([]);
  });

  test('of values is by the share of the value, where that says something', () => {
    take('house:load', 5, { measure: 'value', originValue: 100 });
    take('house:heat', 5, { measure: 'value', originValue: -1 });
    expect(ranked('by=forecast&horizonTicks=10')).toEqual([['house:load', 0.05]]);
  });

  test('is good for a second, for who may see the same', () => {
    take('venue:a', 1);
    expect(ranked('by=forecast&horizonTicks=1')).toHaveLength(1);
    take('venue:b', 2);
    nowMs += 900;
    expect(ranked('by=forecast&horizonTicks=1')).toHaveLength(1);
    const grant = grantOf('a desk', Number.POSITIVE_INFINITY, ['venue:b']);
    expect(ranked('by=forecast&horizonTicks=1', grant)).toEqual([['venue:b', 0.00020002]]);
    nowMs += 100;
    expect(ranked('by=forecast&horizonTicks=1')).toHaveLength(2);
  });

  test('by skill leaves out what has not been scored', () => {
    for (const symbol of ['venue:a', 'venue:b', 'venue:c']) take(symbol, 0);
    for (const [symbol, crps] of [
      ['venue:b', 0.9],
      ['venue:c', 0.5],
    ] as const) {
      feed.scores.offer(aScore(symbol, 1 - crps));
    }
    expect(ranked('by=skill&horizonTicks=1')).toEqual([
      ['venue:c', 0.5],
      ['venue:b', 0.1],
    ]);
  });

  test('names no symbol that the token does not allow', () => {
    take('venue:a', 1);
    take('venue:b', 2);
    const grant = grantOf('a desk', Number.POSITIVE_INFINITY, ['venue:a']);
    expect(ranked('by=forecast&horizonTicks=10', grant)).toHaveLength(1);
  });

  test.each([
    ['', /by must be one of forecast, skill/],
    ['by=toString&horizonTicks=1', /by must be one of/],
    ['by=skill', /horizonTicks must be/],
    ['by=skill&horizonTicks=1.5', /horizonTicks must be/],
    ['by=skill&horizonTicks=1&limit=0', /limit must be/],
  ])('of %j is refused in words', (query, reason) => {
    const { status, body } = answerOf(query);
    expect(status).toBe(400);
    expect(JSON.parse(body).error.message).toMatch(reason);
  });
});

function take(symbol: string, point: number, over: Partial<Omit<Forecast, 'symbol'>> = {}): void {
  const base = aForecast({ symbol, ...over });
  const horizons = base.horizons.map((one) => ({ ...one, point }));
  const entry = { src: offset, prev: offset - 1n, forecasts: [{ ...base, horizons }] };
  offset += 1n;
  feed.takeForecasts(0, { levels: LEVELS, entries: [entry] }, 0);
}

function aScore(symbol: string, skillEwmaGaussian: number) {
  const coverage = [0.5, 0.8, 0.95] as const;
  const figures = { count: 50, crps: 1, skillLastValue: null, coverage, pit: [], trail: [] };
  return {
    symbol,
    eventTimeNs: '1',
    horizons: [{ horizonTicks: 1, skillEwmaGaussian, ...figures }],
  };
}

function answerOf(query: string, grant = OPEN_GRANT) {
  return rankingAnswer(new URL(`http://any/v1/ranking?${query}`), {
    ...{ feed, grant, kept, isReady: () => true, nowMs: () => nowMs, metricsText: async () => '' },
  });
}

function ranked(query: string, grant = OPEN_GRANT): [string, number][] {
  const { ranked: all } = JSON.parse(answerOf(query, grant).body) as {
    readonly ranked: readonly { readonly symbol: string; readonly figure: number }[];
  };
  return all.map(({ symbol, figure }) => [symbol, figure]);
}
