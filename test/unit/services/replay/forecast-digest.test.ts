import { expect, test } from 'vitest';
import { forecastDigest } from '#services/replay/forecast-digest.ts';
import type { Forecast } from '#shared/forecast/forecast.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

function digestOf(forecasts: readonly Forecast[]): string {
  const digest = forecastDigest();
  for (const forecast of forecasts) digest.add(forecast);
  return digest.finish();
}

const a0 = aForecast({ symbol: 'a', origin: 0 });
const a1 = aForecast({ symbol: 'a', origin: 1 });
const b0 = aForecast({ symbol: 'b', origin: 0 });

test('the digest does not depend on how symbols are interleaved', () => {
  expect(digestOf([a0, b0, a1])).toBe(digestOf([b0, a0, a1]));
  expect(digestOf([a0, a1, b0])).toBe(digestOf([a0, b0, a1]));
});

test('the digest depends on the order within a symbol', () => {
  expect(digestOf([a1, a0])).not.toBe(digestOf([a0, a1]));
});

test('every part of a forecast counts, down to the last bit', () => {
  const horizons = (quantile: number) => [
    a0.horizons[0],
    { ...a0.horizons[1], quantiles: Float32Array.of(-10, 0.5, quantile) },
  ];
  const others = [
    { ...a0, originValue: 100.00000000000001 },
    { ...a0, eventTimeNs: a0.eventTimeNs + 1n },
    { ...a0, modelSha: `${a0.modelSha.slice(0, 63)}c` },
    { ...a0, isWarming: true },
    { ...a0, origin: 1 },
    { ...a0, horizons: horizons(Math.fround(10 + 2 ** -20)) },
    { ...a0, horizons: a0.horizons.slice(1) },
  ];
  const digests = [a0, ...others].map((forecast) => digestOf([forecast]));
  expect(new Set(digests).size).toBe(digests.length);
});

test('no forecasts have a digest too, another one', () => {
  expect(digestOf([])).toMatch(/^[0-9a-f]{64}$/);
  expect(digestOf([])).not.toBe(digestOf([a0]));
});
