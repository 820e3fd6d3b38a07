import { expect, test } from 'vitest';
import { factsOf } from '#services/serve/dashboard/health-facts.ts';
import type { HealthMessage } from '#shared/wire/message.ts';

const WELL: HealthMessage = {
  type: 'health',
  sentMs: 0,
  uptimeSeconds: 60,
  connections: 2,
  ticksPerSecond: 1_234.5,
  forecastsPerSecond: 900,
  symbols: 3,
  stale: [],
  gaps: 0,
  tickToForecastMs: { p50: 12, p99: 40 },
  flushDelayMs: 1,
  position: { run: 'r', src: {} },
};

test('a feed that is well asks for no attention', () => {
  expect(factsOf(WELL, null).filter(({ isBad }) => isBad)).toEqual([]);
  expect(factsOf(WELL, null)[0].value).toBe('12 ms, 40 ms');
});

test.each([
  [{ stale: ['a', 'b', 'c'] }, 'silent symbols', 'a and 2 more'],
  [{ gaps: 1 }, 'forecasts missing', '1'],
  [{ flushDelayMs: 2_000 }, 'gateway late by', '2,000 ms'],
  [
    { tickToForecastMs: { p50: 10, p99: 1_500 } },
    'tick to forecast, median and 99%',
    '10 ms, 1,500 ms',
  ],
])('%j asks for it', (part, name, value) => {
  const bad = factsOf({ ...WELL, ...part }, null).filter(({ isBad }) => isBad);
  expect(bad).toEqual([{ name, value, isBad: true }]);
});

test('says how old a tick is on this page, and that more than a second is much', () => {
  const at = (p50: number) => factsOf(WELL, { p50, p99: 2_500 })[1];
  const name = 'tick to this page, median and 99%';
  expect(at(80)).toEqual({ name, value: '80 ms, 2,500 ms', isBad: false });
  expect(at(1_200).isBad).toBe(true);
  expect(factsOf(WELL, null)[1]).toEqual({ name, value: '–', isBad: false });
});
