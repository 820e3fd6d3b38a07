import { denseBackwardInput, denseBackwardParameters, denseForward } from '#shared/nn/dense.ts';
import { type Trajectory, walkForward } from '#shared/nn/diagnostics/trajectory.ts';
import { exp, ln } from '#shared/numeric/elementary.ts';
import type { RecallNetwork } from './recall-network.ts';
import { type RecallBatch, SYMBOLS } from './recall-task.ts';

/** A batch walked forward and answered. */
export interface RecallPass {
  readonly trajectory: Trajectory;
  /** Mean cross entropy, nats; ln 4 for a guess. */
  readonly loss: number;
  readonly correctCount: number;
  /** B x S: dL/d(last state). */
  readonly dState: Float64Array;
  /** Of all parameters; the cell's are 0 until the walk back. */
  readonly gradients: Float64Array;
}

export function recallPass(network: RecallNetwork, batch: RecallBatch): RecallPass {
  const { cell, parameters } = network;
  const { rows: B, steps, input } = batch;
  const { hiddenSize: H, stateSize: S, parameterCount: at } = cell;
  const state = new Float64Array(B * S);
  const trajectory = walkForward({ cell, parameters, at: 0, rows: B, steps, input, state });
  const hidden = new Float64Array(B * H);
  for (let b = 0; b < B; b++) {
    const from = (steps * B + b) * S + cell.hiddenAt;
    hidden.set(trajectory.states.subarray(from, from + H), b * H);
  }
  const logits = new Float64Array(B * SYMBOLS);
  denseForward(B, H, SYMBOLS, parameters, at, hidden, 0, logits, 0);
  const { loss, correctCount } = crossEntropy(logits, batch.answers);
  const gradients = new Float64Array(parameters.length);
  const dHidden = new Float64Array(B * H);
  denseBackwardParameters(B, H, SYMBOLS, hidden, 0, logits, 0, gradients, at);
  denseBackwardInput(B, H, SYMBOLS, H, parameters, at, logits, 0, dHidden, 0);
  const dState = new Float64Array(B * S);
  for (let b = 0; b < B; b++) {
    dState.set(dHidden.subarray(b * H, (b + 1) * H), b * S + cell.hiddenAt);
  }
  return { trajectory, loss, correctCount, dState, gradients };
}

/** Back through the whole sequence: adds the cell's gradients. The pass is used up. */
export function backThroughTime({ trajectory, dState, gradients }: RecallPass): void {
  const { cell, parameters, rows, steps, tape } = trajectory;
  for (let t = steps - 1; t >= 0; t--) {
    cell.backward(rows, parameters, 0, tape, t * rows * cell.tapeSize, dState, gradients);
  }
}

/** Mean over rows of -ln softmax(answer); leaves dL/d(logit) in the logits' places. */
function crossEntropy(
  logits: Float64Array,
  answers: readonly number[],
): { readonly loss: number; readonly correctCount: number } {
  let loss = 0;
  let correctCount = 0;
  for (const [row, answer] of answers.entries()) {
    const own = logits.subarray(row * SYMBOLS, (row + 1) * SYMBOLS);
    const largest = Math.max(...own);
    if (own.indexOf(largest) === answer) correctCount += 1;
    const sum = own.reduce((total, logit) => total + exp(logit - largest), 0);
    loss += (ln(sum) + largest - own[answer]) / answers.length;
    for (let k = 0; k < SYMBOLS; k++) {
      const share = exp(own[k] - largest) / sum;
      own[k] = (share - (k === answer ? 1 : 0)) / answers.length;
    }
  }
  return { loss, correctCount };
}
