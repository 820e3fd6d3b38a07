import { forgetTimeConstants, quantileOf } from '#shared/nn/diagnostics/forget-time-constants.ts';
import { gateReach } from '#shared/nn/diagnostics/gate-reach.ts';
import { gradientReach, relativeTo0 } from '#shared/nn/diagnostics/gradient-reach.ts';
import { statePartsOf } from '#shared/nn/diagnostics/layers.ts';
import { spectralRadius } from '#shared/nn/diagnostics/spectral-radius.ts';
import { norm } from '#shared/nn/optimisers/clip-gradient.ts';
import { Random } from '#shared/nn/random.ts';
import type { RecallNetwork } from './recall-network.ts';
import { backThroughTime, recallPass } from './recall-pass.ts';
import { drawRecall } from './recall-task.ts';

/** A network looked at along some sequences, as it is. */
export interface Measured {
  /** |dL/ds(t-k)| / |dL/ds(t)|, k = 0 to lag + 1, s = the whole state. */
  readonly reach: readonly number[];
  /** The same of each layer's h, and of its c where there is one, over the whole state's norm at k = 0. */
  readonly reachOfParts: readonly PartReach[];
  /** |dL/da(t-k)| / |dL/da(t)|, a = a gate before its activation; "forget1" is that of the first layer. */
  readonly reachOfGates: readonly PartReach[];
  readonly spectralRadius: number;
  /** Time constants of the units' forgetting, in steps; null without such a gate. */
  readonly forgetSteps: { readonly median: number; readonly largest: number } | null;
  /** Global norm of the gradient of all parameters, not clipped. */
  readonly gradientNorm: number;
  /** Share of sequences whose symbol was named. */
  readonly accuracy: number;
}

export interface PartReach {
  readonly part: string;
  readonly ratios: readonly number[];
}

const ROWS = 16;
const ACCURACY_ROWS = 256;

export function measured(network: RecallNetwork, lag: number, seed: number): Measured {
  const { cell, layers } = network;
  const batch = drawRecall(ROWS, lag, new Random(`look ${seed}`));
  const pass = recallPass(network, batch);
  const { trajectory } = pass;
  const whole = { name: 'state', at: 0, length: cell.stateSize };
  const parts = [whole, ...statePartsOf(layers)];
  const [reach, ...ofParts] = gradientReach(trajectory, pass.dState.slice(), parts);
  const forget = forgetTimeConstants(trajectory, layers);
  const gates = gateReach(trajectory, pass.dState, layers);
  // The tape was used up by the reach.
  const again = recallPass(network, batch);
  backThroughTime(again);
  return {
    reach: [...relativeTo0(reach)],
    reachOfParts: ofParts.map((norms, p) => ({
      part: parts[p + 1].name,
      ratios: [...norms].map((part) => part / reach[0]),
    })),
    reachOfGates: gates.map((one) => ({
      part: `${one.gate}${one.layer}`,
      ratios: [...relativeTo0(one.norms)],
    })),
    spectralRadius: spectralRadius(trajectory, new Random(`radius ${seed}`)),
    forgetSteps: forget && { median: quantileOf(forget, 0.5), largest: quantileOf(forget, 1) },
    gradientNorm: norm(again.gradients),
    accuracy: accuracyOf(network, lag, seed),
  };
}

function accuracyOf(network: RecallNetwork, lag: number, seed: number): number {
  const random = new Random(`accuracy ${seed}`);
  let correctCount = 0;
  for (let rows = 0; rows < ACCURACY_ROWS; rows += ROWS) {
    correctCount += recallPass(network, drawRecall(ROWS, lag, random)).correctCount;
  }
  return correctCount / ACCURACY_ROWS;
}
