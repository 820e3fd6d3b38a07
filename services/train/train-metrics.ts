import type { TrainingReport } from '#shared/forecast/model-event.ts';
import type { Metrics } from '#shared/runtime/metrics.ts';
import type { TrainingResult } from './trainer.ts';

export interface TrainMetrics {
  concluded(outcome: 'switched' | 'refused', result: TrainingResult, seconds: number): void;
}

const SECONDS_BUCKETS = [0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

export function trainMetrics(metrics: Metrics): TrainMetrics {
  const boundaries = metrics.counter(
    'foretick_train_boundaries_total',
    'Boundaries trained at, by outcome',
    ['outcome'],
  );
  const loss = metrics.gauge(
    'foretick_train_loss',
    'Held-out loss of the newest boundary in scales, for the weights before and after',
    ['weights'],
  );
  const gradientNorm = metrics.gauge(
    'foretick_train_gradient_norm',
    'Mean global norm of the gradients of the newest boundary, before clipping',
  );
  const skipped = metrics.counter(
    'foretick_train_skipped_updates_total',
    'Updates left out since their loss or gradient was not finite',
  );
  const clipped = metrics.counter(
    'foretick_train_clipped_updates_total',
    'Updates whose gradient was scaled down to the largest norm',
  );
  const setReach = reachMetrics(metrics);
  const seconds = metrics.histogram(
    'foretick_train_seconds',
    'Time from the last record of a boundary to its result',
    SECONDS_BUCKETS,
  );
  return {
    concluded(outcome, { report }, tookSeconds) {
      boundaries.add(1, { outcome });
      skipped.add(report.skippedUpdates);
      clipped.add(report.clippedUpdates);
      seconds.observe(tookSeconds);
      if (!Number.isNaN(report.lossBefore)) {
        loss.set(report.lossBefore, { weights: 'before' });
        loss.set(report.lossAfter, { weights: 'after' });
      }
      if (!Number.isNaN(report.gradientNorm)) gradientNorm.set(report.gradientNorm);
      setReach(report);
    },
  };
}

function reachMetrics(metrics: Metrics): (report: TrainingReport) => void {
  const reach = metrics.gauge(
    'foretick_train_gradient_reach',
    'Norm of the loss gradient at the state some ticks back, over that at the newest',
    ['lag'],
  );
  const forget = metrics.gauge(
    'foretick_train_forget_ticks',
    "Time constants of the units' forget gates, over units",
    ['quantile'],
  );
  return ({ gradientReach, forgetTicks }) => {
    for (const { lagTicks, ratio } of gradientReach) reach.set(ratio, { lag: `${lagTicks}` });
    if (forgetTicks === null) return;
    forget.set(forgetTicks.median, { quantile: '0.5' });
    forget.set(forgetTicks.largest, { quantile: '1' });
  };
}
