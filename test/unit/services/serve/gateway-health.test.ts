import { describe, expect, test } from 'vitest';
import { ForecastRings, type PlacedEntry } from '#services/serve/forecast-rings.ts';
import { GatewayHealth } from '#services/serve/gateway-health.ts';
import { placedForecast } from '#services/serve/wire-forecast.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

const RINGS = new ForecastRings({ run: 'r', partitionCount: 1, capacity: 16 });

describe('the health of a feed', () => {
  test('counts ticks and forecasts per second, from one message to the next', () => {
    const health = new GatewayHealth(0);
    health.takeTicks(0, 30, 29n, 100);
    for (let k = 0; k < 20; k += 1) health.takeEntry(entry(k), 500);
    expect(health.message(RINGS, 3, 2_000)).toMatchObject({
      ticksPerSecond: 15,
      forecastsPerSecond: 10,
      connections: 3,
      uptimeSeconds: 2,
    });
    expect(health.message(RINGS, 3, 3_000)).toMatchObject({ ticksPerSecond: 0 });
  });

  test('what was read back from the log is no forecast of a second, but its symbols are known', () => {
    const health = new GatewayHealth(0);
    for (let k = 0; k < 20; k += 1) health.knowEntry(entry(k), 500);
    expect(health.message(RINGS, 0, 1_000)).toMatchObject({ forecastsPerSecond: 0, symbols: 1 });
    expect(health.staleSymbols(31_000)).toEqual(['venue:a']);
  });

  test('times each forecast from the batch that brought its tick', () => {
    const health = new GatewayHealth(0);
    health.takeTicks(0, 10, 9n, 1_000);
    health.takeTicks(0, 10, 19n, 1_100);
    for (let k = 0; k < 20; k += 1) health.takeEntry(entry(k), 1_150);
    expect(health.message(RINGS, 0, 1_200).tickToForecastMs).toEqual({ p50: 150, p99: 150 });
    expect(health.message(RINGS, 0, 20_000).tickToForecastMs).toBeNull();
  });

  test('a forecast whose tick was not seen is not timed', () => {
    const health = new GatewayHealth(0);
    health.takeEntry(entry(5), 1_000);
    expect(health.message(RINGS, 0, 1_100).tickToForecastMs).toBeNull();
  });

  test('a symbol is stale after thirty seconds, or ten of its gaps where they are long', () => {
    const health = new GatewayHealth(0);
    for (let k = 0; k < 200; k += 1) {
      health.takeEntry(entry(k, 'venue:quick'), k * 1_000);
      if (k % 20 === 0) health.takeEntry(entry(k, 'venue:seldom'), k * 1_000);
    }
    expect(health.staleSymbols(228_000)).toEqual([]);
    expect(health.staleSymbols(230_000)).toEqual(['venue:quick']);
    expect(health.staleSymbols(400_000)).toEqual(['venue:quick', 'venue:seldom']);
  });
});

function entry(k: number, symbol = 'venue:a'): PlacedEntry {
  const place = { partition: 0, src: BigInt(k), prev: BigInt(k - 1) };
  const forecast = aForecast({ origin: k, symbol });
  return { ...place, forecasts: [placedForecast(forecast, place, null)] };
}
