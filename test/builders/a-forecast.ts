import type { Forecast } from '#shared/forecast/forecast.ts';
import { asSymbol } from '#shared/market/symbol.ts';

/** A forecast with two horizons, two experts and the levels .25, .5, .75, unless said otherwise. */
export function aForecast(
  over: Partial<Omit<Forecast, 'symbol'>> & { readonly symbol?: string } = {},
): Forecast {
  const { symbol, ...rest } = over;
  return {
    symbol: asSymbol(symbol ?? 'venue:a'),
    measure: 'price',
    origin: 0,
    eventTimeNs: 1_723_075_200_000_000_000n,
    originValue: 100,
    isWarming: false,
    modelSha: 'ab'.repeat(32),
    experts: ['network', 'ewma-gaussian'],
    horizons: [
      {
        horizonTicks: 1,
        point: 0.5,
        quantiles: Float32Array.of(-1, 0, 1),
        weights: Uint8Array.of(200, 55),
      },
      {
        horizonTicks: 10,
        point: 2,
        quantiles: Float32Array.of(-10, 0.5, 10),
        weights: Uint8Array.of(0, 255),
      },
    ],
    ...rest,
  };
}
