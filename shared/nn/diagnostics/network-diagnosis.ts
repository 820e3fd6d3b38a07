import type { Floats } from '../add-product.ts';
import { crpsCellWeights, pinball } from '../losses/pinball.ts';
import { type NetworkShape, networkCell } from '../network-shape.ts';
import { parameterLayout } from '../parameters.ts';
import { headBackward, headForward, headTape } from '../quantile-head.ts';
import { forgetTimeConstants } from './forget-time-constants.ts';
import { gradientReach, relativeTo0 } from './gradient-reach.ts';
import { layersOf } from './layers.ts';
import { type Trajectory, walkForward, zerosLike } from './trajectory.ts';

/** A mini-batch as `Tbptt` holds it; read only. */
export interface DiagnosisBatch {
  /** W x B x I. */
  readonly input: Floats;
  /** W x B x K. */
  readonly target: Floats;
  readonly mask: Uint8Array;
  /** B x S, before the first step. */
  readonly state: Floats;
}

export interface NetworkDiagnosis {
  /** |dL/ds_(t-k)| / |dL/ds_t|, k = 0 to W, s the state of all layers, L the loss of the last step alone; NaN where no target of it counts. */
  readonly reach: Float64Array;
  /** In steps, one per unit, rising; null for a cell without such a gate. */
  readonly forget: Float64Array | null;
}

/**
 * Looks at a quantile network along a mini-batch: one walk forward, the head and its loss at the last step, one walk back. Neither
 * weights nor batch are written, and nothing is drawn: no dropout.
 */
export function diagnoseNetwork(
  shape: NetworkShape,
  levels: readonly number[],
  parameters: Floats,
  batch: DiagnosisBatch,
): NetworkDiagnosis {
  const cell = networkCell(shape);
  const rows = batch.state.length / cell.stateSize;
  const steps = batch.input.length / (rows * cell.inputSize);
  const { at } = parameterLayout(shape).cell;
  const trajectory = walkForward({ ...batch, cell, parameters, at, rows, steps });
  const forget = forgetTimeConstants(trajectory, layersOf(shape));
  const dState = lossAtLastState(shape, levels, trajectory, batch);
  const whole = { name: 'state', at: 0, length: cell.stateSize };
  const [reach] = gradientReach(trajectory, dState, [whole]);
  return { reach: relativeTo0(reach), forget };
}

/** dL/d(last state) of the last step's loss, B x S. */
function lossAtLastState(
  shape: NetworkShape,
  levels: readonly number[],
  { cell, parameters, rows: B, steps: W, states }: Trajectory,
  { input, target, mask }: DiagnosisBatch,
): Floats {
  const { inputSize: I, hiddenSize: H, outputSize } = shape;
  const S = cell.stateSize;
  const layout = parameterLayout(shape);
  const tape = headTape(shape, B, parameters instanceof Float64Array ? Float64Array : Float32Array);
  for (let b = 0; b < B; b++) {
    const hidden = (W * B + b) * S + cell.hiddenAt;
    const last = ((W - 1) * B + b) * I;
    tape.joined.set(states.subarray(hidden, hidden + H), b * (H + I));
    tape.joined.set(input.subarray(last, last + I), b * (H + I) + H);
  }
  headForward(B, shape, layout, parameters, tape, null);
  const dOutput = zerosLike(parameters, B * outputSize);
  const horizons = outputSize / levels.length;
  const weights = crpsCellWeights(levels);
  const targetsAt = (W - 1) * B * horizons;
  pinball(B, { horizons, levels, weights }, tape.output, target, mask, targetsAt, 1, dOutput);
  const dHidden = zerosLike(parameters, B * H);
  const gradients = zerosLike(parameters, layout.length);
  headBackward(B, shape, layout, parameters, tape, null, dOutput, gradients, dHidden);
  const dState = zerosLike(parameters, B * S);
  for (let b = 0; b < B; b++) {
    dState.set(dHidden.subarray(b * H, (b + 1) * H), b * S + cell.hiddenAt);
  }
  return dState;
}
