import { expect, test } from 'vitest';
import {
  type ConnectionFacts,
  connectionText,
  isLive,
  stateText,
} from '#services/serve/dashboard/connection-text.ts';

test.each<[string, Partial<ConnectionFacts['state']>, Partial<ConnectionFacts>]>([
  ['Connecting', { kind: 'connecting' }, { lastForecastMs: null, isHolding: false }],
  ['Waiting for a token', { kind: 'connecting' }, { isAsking: true }],
  ['Connected · live', {}, {}],
  ['Connected · waiting for forecasts', {}, { lastForecastMs: null, isHolding: false }],
  ['Connected · showing forecasts from before the server started', {}, { lastForecastMs: null }],
  ['Reconnecting · showing old data', { kind: 'reconnecting' }, { lastForecastMs: null }],
  ['Connected · no forecast for 8 s', {}, { nowMs: 18_000 }],
  [
    'Reconnecting in 3 s · showing data 2 s old',
    { kind: 'reconnecting', retryInMs: 5_000 },
    { sinceMs: 10_000 },
  ],
  [
    'Reconnecting (there is no network) · showing data 2 min old',
    { kind: 'reconnecting', reason: 'there is no network' },
    { nowMs: 140_000 },
  ],
  ['Disconnected (too many) · showing data 2 s old', { kind: 'closed', reason: 'too many' }, {}],
])('says %s', (text, state, over) => {
  expect(connectionText(facts(state, over))).toBe(text);
});

test('is live only while it is connected and forecasts come', () => {
  expect(isLive(facts({}, {}))).toBe(true);
  expect(isLive(facts({}, { nowMs: 18_000 }))).toBe(false);
  expect(isLive(facts({ kind: 'reconnecting' }, {}))).toBe(false);
  expect(isLive(facts({}, { lastForecastMs: null }))).toBe(false);
});

test.each<[string, Partial<ConnectionFacts['state']>, Partial<ConnectionFacts>]>([
  ['Waiting for a token', { kind: 'connecting' }, { isAsking: true }],
  ['Connected · live', {}, {}],
  ['Connected · waiting for forecasts', {}, { lastForecastMs: null, isHolding: false }],
  ['Connected · showing forecasts from before the server started', {}, { lastForecastMs: null }],
  ['Connected · no new forecasts', {}, { nowMs: 18_000 }],
  ['Reconnecting', { kind: 'reconnecting', retryInMs: 5_000 }, { isHolding: false }],
  [
    'Reconnecting · showing old data',
    { kind: 'reconnecting', retryInMs: 5_000, reason: 'lost' },
    {},
  ],
  [
    'Reconnecting (there is no network) · showing old data',
    { kind: 'reconnecting', reason: 'there is no network' },
    {},
  ],
  ['Disconnected (too many) · showing old data', { kind: 'closed', reason: 'too many' }, {}],
])('announces %s, and nothing more while only time passes', (text, state, over) => {
  const then = facts(state, over);
  expect(stateText(then)).toBe(text);
  const isLiveNow = isLive(then);
  const later = { ...then, nowMs: then.nowMs + (isLiveNow ? 2_000 : 60_000) };
  expect(stateText(later)).toBe(text);
});

function facts(
  state: Partial<ConnectionFacts['state']>,
  over: Partial<ConnectionFacts>,
): ConnectionFacts {
  return {
    state: { kind: 'connected', reason: '', retryInMs: null, ...state },
    ...{ sinceMs: 0, lastForecastMs: 10_000, isAsking: false, nowMs: 12_000, isHolding: true },
    ...over,
  };
}
