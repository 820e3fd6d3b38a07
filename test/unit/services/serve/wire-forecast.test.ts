import { describe, expect, test } from 'vitest';
import { forecastText, wireForecast } from '#services/serve/wire-forecast.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

const PLACE = { partition: 2, src: 7n, prev: 5n };

describe('a forecast on the wire', () => {
  test('of a price is the origin value times the exponential of the offset in basis points', () => {
    const forecast = aForecast({
      originValue: 200,
      horizons: [
        {
          horizonTicks: 1,
          point: 0,
          quantiles: Float32Array.of(-100, 0, 100),
          weights: Uint8Array.of(255, 0),
        },
      ],
    });
    const [horizon] = wireForecast({ ...PLACE, forecast, text: null }, 0).horizons;
    expect(horizon.point).toBe(200);
    // 200 e^-0.01 and 200 e^0.01
    expect(horizon.quantiles[0]).toBeCloseTo(198.0099667, 6);
    expect(horizon.quantiles[2]).toBeCloseTo(202.0100334, 6);
  });

  test('of a value is the origin value plus the offset', () => {
    const forecast = aForecast({
      measure: 'value',
      originValue: -3,
      horizons: [
        {
          horizonTicks: 1,
          point: 0.5,
          quantiles: Float32Array.of(-1, 0, 1),
          weights: Uint8Array.of(159, 96),
        },
      ],
    });
    const [horizon] = wireForecast({ ...PLACE, forecast, text: null }, 0).horizons;
    expect(horizon).toEqual({
      horizonTicks: 1,
      point: -2.5,
      quantiles: [-4, -3, -2],
      weights: [0.62, 0.38],
    });
  });

  test('as text is the JSON of the same forecast, whatever was merged before', () => {
    const placed = { ...PLACE, forecast: aForecast(), text: null };
    for (const merged of [0, 3, 0]) {
      expect(JSON.parse(forecastText(placed, merged))).toEqual(wireForecast(placed, merged));
    }
  });
});
