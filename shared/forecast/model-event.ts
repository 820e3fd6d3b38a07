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
  /** Updates left out, since their loss or gradient was not finite. */
  readonly skippedUpdates: number;
  /** How far back the gradient of the new weights' loss reaches, at some lags, rising; empty where there was nothing to measure on. */
  readonly gradientReach: readonly LagReach[];
  /** How long the units of the new weights remember; null for a cell without a forget gate, or where nothing was measured. */
  readonly forgetTicks: ForgetTicks | null;
  readonly eventTimeNs: string;
}

/** |dL/ds(t-k)| / |dL/ds(t)| for k = `lagTicks`, s being the state and L the loss of the newest tick of a window. */
export interface LagReach {
  readonly lagTicks: number;
  readonly ratio: number;
}

/** Time constants of the forget gate over units: shared/nn/diagnostics/forget-time-constants.ts. */
export interface ForgetTicks {
  readonly median: number;
  readonly largest: number;
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
