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
    'Updates left out since their gradient was not finite',
  );
  const seconds = metrics.histogram(
    'foretick_train_seconds',
    'Time from the last record of a boundary to its result',
    SECONDS_BUCKETS,
  );
  return {
    concluded(outcome, { report, skippedUpdates }, tookSeconds) {
      boundaries.add(1, { outcome });
      skipped.add(skippedUpdates);
      seconds.observe(tookSeconds);
      if (!Number.isNaN(report.lossBefore)) {
        loss.set(report.lossBefore, { weights: 'before' });
        loss.set(report.lossAfter, { weights: 'after' });
      }
      if (!Number.isNaN(report.gradientNorm)) gradientNorm.set(report.gradientNorm);
    },
  };
}
