import { lstmCell } from '#shared/nn/cells/lstm.ts';
import { adamW } from '#shared/nn/optimisers/adamw.ts';
import { clipGradient } from '#shared/nn/optimisers/clip-gradient.ts';
import { CHECKED_STEPS, type Outputs, type StepCase, type TrainingCase } from './lstm-case.ts';

/** What is true for all: the product's cell in float64, whose gradients the unit tests check by central differences. */
export function truthOf(of: StepCase | TrainingCase): Outputs {
  return of.kind === 'step' ? trueStep(of) : trueTraining(of);
}

function trueStep(of: StepCase): Outputs {
  const { inputSize, hiddenSize: H, batch } = of;
  const cell = lstmCell(inputSize, H);
  const parameters = new Float64Array(of.parameters);
  const state = new Float64Array(batch * 2 * H);
  for (let b = 0; b < batch; b++) {
    state.set(of.hidden.subarray(b * H, (b + 1) * H), b * 2 * H);
    state.set(of.memory.subarray(b * H, (b + 1) * H), b * 2 * H + H);
  }
  const tape = new Float64Array(batch * cell.tapeSize);
  for (const input of of.inputs) {
    cell.forward(batch, parameters, 0, new Float64Array(input), 0, state, 0, tape, 0);
  }
  const half = (first: number): Float32Array =>
    Float32Array.from(
      { length: batch * H },
      (_, k) => state[Math.floor(k / H) * 2 * H + first + (k % H)],
    );
  return { hidden: half(0), memory: half(H) };
}

function trueTraining(of: TrainingCase): Outputs {
  const parameters = new Float64Array(of.parameters);
  const moments = {
    first: new Float64Array(parameters.length),
    second: new Float64Array(parameters.length),
  };
  const losses = new Float32Array(CHECKED_STEPS);
  let first = new Float32Array(0);
  for (let k = 0; k < CHECKED_STEPS; k++) {
    const { loss, gradients } = bothPasses(of, parameters);
    losses[k] = loss;
    if (k === 0) first = new Float32Array(gradients);
    clipGradient(gradients, of.largestNorm);
    adamW(parameters, gradients, moments, k + 1, { learningRate: of.learningRate, weightDecay: 0 });
  }
  return { losses, gradients: first, parameters: new Float32Array(parameters) };
}

function bothPasses(of: TrainingCase, parameters: Float64Array) {
  const { inputSize: I, hiddenSize: H, batch: B, steps: T } = of;
  const cell = lstmCell(I, H);
  const input = new Float64Array(of.input);
  const state = new Float64Array(B * 2 * H);
  const tape = new Float64Array(T * B * cell.tapeSize);
  const errors = new Float64Array(T * B * H);
  const gradients = new Float64Array(parameters.length);
  let loss = 0;
  for (let t = 0; t < T; t++) {
    cell.forward(B, parameters, 0, input, t * B * I, state, 0, tape, t * B * cell.tapeSize);
    for (let k = 0; k < B * H; k++) {
      const error = state[Math.floor(k / H) * 2 * H + (k % H)] - of.target[t * B * H + k];
      errors[t * B * H + k] = error;
      loss += (error * error) / (T * B);
    }
  }
  const dState = new Float64Array(B * 2 * H);
  for (let t = T - 1; t >= 0; t--) {
    for (let k = 0; k < B * H; k++) {
      dState[Math.floor(k / H) * 2 * H + (k % H)] += (2 * errors[t * B * H + k]) / (T * B);
    }
    cell.backward(B, parameters, 0, tape, t * B * cell.tapeSize, dState, gradients);
  }
  return { loss, gradients };
}
