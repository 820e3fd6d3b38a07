import { UpdateCounts } from '#shared/nn/diagnostics/update-counts.ts';
import { adamW } from '#shared/nn/optimisers/adamw.ts';
import { clipGradient } from '#shared/nn/optimisers/clip-gradient.ts';
import { Random } from '#shared/nn/random.ts';
import type { RecallNetwork } from './recall-network.ts';
import { backThroughTime, recallPass } from './recall-pass.ts';
import { drawRecall } from './recall-task.ts';

export interface RecallTraining {
  readonly lag: number;
  readonly updates: number;
  readonly clipNorm: number;
  readonly seed: number;
}

const ROWS = 16;
const STEP = { learningRate: 0.02, weightDecay: 0 };

/** Full back-propagation through time; the parameters are changed in place. */
export function trainRecall(
  network: RecallNetwork,
  { lag, updates, clipNorm, seed }: RecallTraining,
): UpdateCounts {
  const { parameters } = network;
  const moments = {
    first: new Float64Array(parameters.length),
    second: new Float64Array(parameters.length),
  };
  const random = new Random(`sequences ${seed}`);
  const counts = new UpdateCounts();
  for (let k = 0; k < updates; k++) {
    const pass = recallPass(network, drawRecall(ROWS, lag, random));
    backThroughTime(pass);
    const norm = clipGradient(pass.gradients, clipNorm);
    if (!counts.take(pass.loss, norm, clipNorm)) continue;
    adamW(parameters, pass.gradients, moments, counts.done, STEP);
  }
  return counts;
}
