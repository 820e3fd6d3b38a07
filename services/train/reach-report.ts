import type { Model } from '#shared/forecast/model-artefact.ts';
import type { TrainingReport } from '#shared/forecast/model-event.ts';
import { quantileOf } from '#shared/nn/diagnostics/forget-time-constants.ts';
import { diagnoseNetwork } from '#shared/nn/diagnostics/network-diagnosis.ts';
import type { Tbptt } from '#shared/nn/tbptt.ts';

export type ReachReport = Pick<TrainingReport, 'gradientReach' | 'forgetTicks'>;

/** Lags that are reported, beside the last of the window. */
const LAGS_TICKS = [8, 32];

/** A boundary at which nothing was measured. */
export const NO_REACH: ReachReport = { gradientReach: [], forgetTicks: null };

/**
 * How far gradients reach through weights, and how long their units remember, along the mini-batch that stands in the buffers: a walk
 * forward and one back, on the reference kernel whatever trains. Neither weights nor buffers are written.
 */
export function reachReport(
  { shape, levels }: Pick<Model, 'shape' | 'levels'>,
  weights: Float32Array,
  batch: Tbptt,
  steps: number,
): ReachReport {
  const { reach, forget } = diagnoseNetwork(shape, levels, weights, batch);
  const lags = [...LAGS_TICKS.filter((lag) => lag < steps - 1), steps - 1];
  return {
    gradientReach: Number.isNaN(reach[0])
      ? []
      : lags.map((lagTicks) => ({ lagTicks, ratio: reach[lagTicks] })),
    forgetTicks: forget && { median: quantileOf(forget, 0.5), largest: quantileOf(forget, 1) },
  };
}
