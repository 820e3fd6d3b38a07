import type { Forecast } from '#shared/forecast/forecast.ts';

let known: readonly number[] = [];

/** How far ahead the forecast looks, in its ticks. All forecasts of a run share one list. */
export function horizonTicksOf({ horizons }: Forecast): readonly number[] {
  const isKnown =
    horizons.length === known.length &&
    horizons.every(({ horizonTicks }, k) => horizonTicks === known[k]);
  if (!isKnown) known = horizons.map(({ horizonTicks }) => horizonTicks);
  return known;
}
