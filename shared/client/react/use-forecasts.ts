import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { ForecastClientOptions } from '../forecast-client.ts';
import { ForecastStore, type ForecastView } from '../forecast-store.ts';

export type UseForecastsOptions = Pick<
  ForecastClientOptions,
  'url' | 'symbols' | 'maxRateHz' | 'token' | 'delta'
>;

/** Draws at most so often, unless told otherwise: a screen shows no more. */
const MAX_RATE_HZ = 10;

/**
 * The newest forecast of each symbol, as a React hook: connects with the component, resumes by itself, closes with it. Other
 * symbols or another rate are asked for on the connection that stands; another `url` or `delta` begins anew, with the `token` function of
 * then.
 */
export function useForecasts({
  url,
  symbols,
  maxRateHz = MAX_RATE_HZ,
  token,
  delta = false,
}: UseForecastsOptions): ForecastView {
  const key = symbols.join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: an equal list, or another function, is no reason to connect again
  const store = useMemo(
    () =>
      new ForecastStore({
        ...{ url, symbols, maxRateHz, delta },
        ...(token === undefined ? {} : { token }),
      }),
    [url, delta],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: an equal list is no other
  useEffect(() => store.change({ symbols, maxRateHz }), [store, key, maxRateHz]);
  const [watch, view] = useMemo(
    () => [(onChange: () => void) => store.watch(onChange), () => store.view] as const,
    [store],
  );
  return useSyncExternalStore(watch, view, view);
}
