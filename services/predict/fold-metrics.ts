import type { FoldOutput } from '#shared/forecast/fold-output.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import type { Metrics } from '#shared/runtime/metrics.ts';

/** Where the time of a partition's owner goes; the fold's own parts are in `fold`. */
export type Stage = 'fold' | 'encode' | 'publish' | 'save' | 'snapshot';

export interface FoldMetrics {
  folded(out: FoldOutput): void;
  /** Adds what has passed since `sinceMs` on the clock to the time of a stage. */
  spent(stage: Stage, sinceMs: number): void;
  saved(partition: number): void;
  snapshotTaken(partition: number): void;
  /** A claim was lost to an error and is made again in place. */
  claimedAgain(code: string): void;
  /** The group is left after an error, and joined again. */
  joinedAgain(code: string): void;
}

/** The counters of the fold and of its owners. */
export function foldMetrics({
  metrics,
  clock,
}: {
  readonly metrics: Metrics;
  readonly clock: Clock;
}): FoldMetrics {
  const named = declared(metrics);
  return {
    folded: (out) => {
      named.ticks.add(out.tickCount);
      named.forecasts.add(out.entries.reduce((sum, { forecasts: made }) => sum + made.length, 0));
      named.nonFinite.add(out.nonFiniteCount);
      named.refused.add(out.duplicateCount, { reason: 'DUPLICATE' });
      for (const { reason } of out.rejects) named.refused.add(1, { reason });
    },
    spent: (stage, sinceMs) => named.seconds.add((clock.nowMs() - sinceMs) / 1000, { stage }),
    saved: (partition) => {
      named.checkpoints.add(1);
      named.checkpointTime.set(clock.nowMs() / 1000, { partition: `${partition}` });
    },
    snapshotTaken: (partition) => {
      named.snapshots.add(1);
      named.snapshotTime.set(clock.nowMs() / 1000, { partition: `${partition}` });
    },
    claimedAgain: (code) => named.reclaims.add(1, { code }),
    joinedAgain: (code) => named.rejoins.add(1, { code }),
  };
}

function declared(metrics: Metrics) {
  const counter = (what: string, help: string, labels: readonly string[] = []) =>
    metrics.counter(`foretick_predict_${what}_total`, help, labels);
  const timeOf = (what: string) =>
    metrics.gauge(
      `foretick_predict_${what}_time_seconds`,
      `When the last ${what} was written, seconds since 1970`,
      ['partition'],
    );
  return {
    ticks: counter('ticks', 'Ticks folded into state'),
    forecasts: counter('forecasts', 'Forecasts made'),
    refused: counter('refused', 'Records that changed no state', ['reason']),
    nonFinite: counter('non_finite', 'Steps dropped because a number was not finite'),
    seconds: counter('stage_seconds', 'Seconds spent in each stage', ['stage']),
    checkpoints: counter('checkpoints', 'States saved with their position'),
    snapshots: counter('snapshots', 'Full copies of a partition written'),
    reclaims: counter('reclaims', 'Claims made again in place after an error', ['code']),
    rejoins: counter('rejoins', 'Groups joined again after an error', ['code']),
    checkpointTime: timeOf('checkpoint'),
    snapshotTime: timeOf('snapshot'),
  };
}
