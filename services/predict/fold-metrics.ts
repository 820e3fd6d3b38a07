import type { FoldOutput } from '#shared/forecast/fold-output.ts';
import type { Metrics } from '#shared/runtime/metrics.ts';

export interface FoldMetrics {
  folded(out: FoldOutput): void;
}

/** The counters of the fold. */
export function foldMetrics({ metrics }: { readonly metrics: Metrics }): FoldMetrics {
  const ticks = metrics.counter('foretick_predict_ticks_total', 'Ticks folded into state');
  const forecasts = metrics.counter('foretick_predict_forecasts_total', 'Forecasts made');
  const refused = metrics.counter(
    'foretick_predict_refused_total',
    'Records that changed no state',
    ['reason'],
  );
  const nonFinite = metrics.counter(
    'foretick_predict_non_finite_total',
    'Steps dropped because a number was not finite',
  );
  return {
    folded: (out) => {
      ticks.add(out.tickCount);
      forecasts.add(out.entries.reduce((sum, { forecasts: made }) => sum + made.length, 0));
      nonFinite.add(out.nonFiniteCount);
      refused.add(out.duplicateCount, { reason: 'DUPLICATE' });
      for (const { reason } of out.rejects) refused.add(1, { reason });
    },
  };
}
