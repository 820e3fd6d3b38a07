import type { OffsetRange } from '#shared/market/control.ts';

/**
 * What the trainer says on `models`, in order: `boundary` before a training, then its outcome. Artefacts live in the ModelStore.
 * `eventTimeNs` is the newest event time inside the ranges.
 */
export type ModelEvent = BoundaryEvent | SwitchedEvent | RefusedEvent;

export interface BoundaryEvent {
  readonly event: 'boundary';
  readonly id: number;
  readonly ranges: readonly OffsetRange[];
  readonly seed: number;
}

/** Losses: mean weighted pinball loss in scale units on the block that matured since the boundary before, for the old and the new weights. */
export interface TrainingReport {
  readonly updates: number;
  readonly lossBefore: number;
  readonly lossAfter: number;
  /** Mean of the gradients' global norm before clipping. */
  readonly gradientNorm: number;
  readonly clippedUpdates: number;
  readonly eventTimeNs: string;
}

export interface SwitchedEvent {
  readonly event: 'switched';
  readonly id: number;
  readonly sha: string;
  readonly parentSha: string;
  readonly report: TrainingReport;
}

export interface RefusedEvent {
  readonly event: 'refused';
  readonly id: number;
  readonly reason: string;
  readonly report: TrainingReport;
}
