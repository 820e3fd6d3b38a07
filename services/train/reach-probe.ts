import type { Model } from '#shared/forecast/model-artefact.ts';
import type { TrainingReport } from '#shared/forecast/model-event.ts';
import { quantileOf } from '#shared/nn/diagnostics/forget-time-constants.ts';
import { diagnoseNetwork } from '#shared/nn/diagnostics/network-diagnosis.ts';
import { type NetworkShape, networkCell } from '#shared/nn/network-shape.ts';
import { Random } from '#shared/nn/random.ts';
import type { SymbolTape } from './symbol-tape.ts';
import {
  fillBatch,
  type SamplingOptions,
  sampleWindows,
  type WindowBatch,
} from './window-sampler.ts';

export type ReachReport = Pick<TrainingReport, 'gradientReach' | 'forgetTicks'>;

/** A boundary at which nothing was measured. */
export const NO_REACH: ReachReport = { gradientReach: [], forgetTicks: null };

/** Windows looked along: the walk is one on the reference kernel, along many it would take longer than the training. */
const WINDOWS = 4;
/** Lags that are reported, beside the last of the window. */
const LAGS_TICKS = [8, 32];

/**
 * Measures how far gradients reach through weights, and how long their units remember: a walk forward and one back along a few windows
 * of its own, so that looking draws nothing from what training sees, on the reference kernel whatever trains.
 */
export class ReachProbe {
  readonly #batch: WindowBatch;
  readonly #sizes: { readonly rows: number; readonly steps: number; readonly horizons: number };

  /** @param sizes steps of a window, and horizons that a step is trained on */
  constructor(shape: NetworkShape, sizes: { readonly steps: number; readonly horizons: number }) {
    const { inputSize, stateSize } = networkCell(shape);
    const pairs = sizes.steps * WINDOWS;
    this.#sizes = { ...sizes, rows: WINDOWS };
    this.#batch = {
      input: new Float32Array(pairs * inputSize),
      target: new Float32Array(pairs * sizes.horizons),
      mask: new Uint8Array(pairs * sizes.horizons),
      state: new Float32Array(WINDOWS * stateSize),
    };
  }

  /** @param weights of the model's shape; not written */
  report(
    { shape, levels }: Pick<Model, 'shape' | 'levels'>,
    weights: Float32Array,
    tapes: readonly SymbolTape[],
    { seed, sampling }: { readonly seed: number; readonly sampling: SamplingOptions },
  ): ReachReport {
    const { steps } = this.#sizes;
    const windows = sampleWindows(tapes, WINDOWS, new Random(`reach ${seed}`), sampling);
    fillBatch(this.#batch, windows, this.#sizes, () => true);
    const { reach, forget } = diagnoseNetwork(shape, levels, weights, this.#batch);
    const lags = [...LAGS_TICKS.filter((lag) => lag < steps - 1), steps - 1];
    return {
      gradientReach: Number.isNaN(reach[0])
        ? []
        : lags.map((lagTicks) => ({ lagTicks, ratio: reach[lagTicks] })),
      forgetTicks: forget && { median: quantileOf(forget, 0.5), largest: quantileOf(forget, 1) },
    };
  }
}
