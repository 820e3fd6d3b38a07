import { decode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import {
  forecastJson,
  forecastPacked,
  placedForecast,
  wireForecast,
} from '#services/serve/wire-forecast.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

const PLACE = { partition: 2, src: 7n, prev: 5n };
const REALISED = {
  eventTimeNs: '4',
  crps: [0.5, null],
  skillEwmaGaussian: [0.04, null],
  coverage80: [0.81, null],
};
const CARRIED = [null, { wire: REALISED, json: JSON.stringify(REALISED) }];

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
    const [horizon] = wireForecast(placedForecast(forecast, PLACE, null), 0).horizons;
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
    const [horizon] = wireForecast(placedForecast(forecast, PLACE, null), 0).horizons;
    expect(horizon).toEqual({
      horizonTicks: 1,
      point: -2.5,
      quantiles: [-4, -3, -2],
      weights: [0.62, 0.38],
    });
  });

  test.each(['price', 'value'] as const)(
    'says that it is of a %s, and when it was issued',
    (measure) => {
      const placed = placedForecast(aForecast({ measure }), PLACE, null, 1_754_650_000_117);
      expect(wireForecast(placed, 0)).toMatchObject({ measure, issuedMs: 1_754_650_000_117 });
      expect(wireForecast(placedForecast(aForecast(), PLACE, null), 0).issuedMs).toBeNull();
    },
  );

  test.each(CARRIED)(
    'as text is the JSON of the same forecast, whatever was merged before',
    (score) => {
      const placed = placedForecast(aForecast(), PLACE, score, 5);
      const decoded = wireForecast(placed, 0);
      for (const merged of [0, 3, 0]) {
        const text = Buffer.from(forecastJson(placed, merged)).toString();
        expect(JSON.parse(text)).toEqual({ ...decoded, merged });
      }
      // From here on its text is all that is kept of it.
      expect(placed.forecast).toBe(null);
      expect(wireForecast(placed, 5)).toEqual({ ...decoded, merged: 5 });
      expect(decode(forecastPacked(placed, 5))).toEqual({ ...decoded, merged: 5 });
    },
  );

  test.each(CARRIED)('as MessagePack is the same forecast, whatever was merged before', (score) => {
    const placed = placedForecast(aForecast(), PLACE, score);
    for (const merged of [0, 300, 0]) {
      expect(decode(forecastPacked(placed, merged))).toEqual(wireForecast(placed, merged));
    }
  });

  test.each([
    ['price', 64_123.45, 3],
    ['price', 1.0851, 0.2],
    ['price', 1e-7, 5],
    ['value', 0, 1e-9],
    ['value', -12, 1e6],
  ] as const)('of %s %d keeps ten digits of its largest number', (measure, originValue, offset) => {
    const quantiles = Float32Array.of(-offset, offset / 3, offset);
    const weights = Uint8Array.of(255);
    const horizons = [{ horizonTicks: 1, point: offset / 3, quantiles, weights }];
    const forecast = aForecast({ measure, originValue, horizons });
    const [horizon] = wireForecast(placedForecast(forecast, PLACE, null), 0).horizons;
    const exact = Array.from(quantiles, (one) =>
      measure === 'price' ? originValue * Math.exp(one / 1e4) : originValue + one,
    );
    const largest = Math.max(Math.abs(originValue), ...exact.map(Math.abs));
    horizon.quantiles.forEach((value, k) => {
      expect(Math.abs(value - exact[k]) / largest).toBeLessThan(1e-9);
      expect(`${value}`.replace(/e.*|[-.]/g, '').replace(/^0+/, '').length).toBeLessThanOrEqual(11);
    });
  });
});
