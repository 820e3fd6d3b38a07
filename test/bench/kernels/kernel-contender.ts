import type { Kernel } from '#shared/nn/kernels/kernel.ts';
import { adamW } from '#shared/nn/optimisers/adamw.ts';
import { clipGradient } from '#shared/nn/optimisers/clip-gradient.ts';
import { Random } from '#shared/nn/random.ts';
import { timed } from '../interleave.ts';
import type { Contender, Opened, Outputs, StepCase, TrainingCase } from './lstm-case.ts';
import { openTurns } from './training-turns.ts';

/** One of the product's kernels, used as the product uses it: states gathered by number from an arena, inputs copied in. */
export function kernelContender(name: string, kernel: Kernel): Contender {
  return {
    name,
    version: 'this commit',
    open: async (of) => (of.kind === 'step' ? openStep(kernel, of) : openTraining(kernel, of)),
  };
}

function openStep(kernel: Kernel, of: StepCase): Opened {
  const { inputSize, hiddenSize: H, batch } = of;
  const lstm = kernel.lstm({ inputSize, hiddenSize: H, rows: batch, steps: 1, symbols: batch });
  lstm.load(of.parameters);
  lstm.index.set(shuffled(batch));
  lstm.index.forEach((symbol, row) => {
    lstm.state.set(of.hidden.subarray(row * H, (row + 1) * H), symbol * 2 * H);
    lstm.state.set(of.memory.subarray(row * H, (row + 1) * H), symbol * 2 * H + H);
  });
  const step = (input: Float32Array): void => {
    lstm.input.set(input);
    lstm.forward(batch, 0);
  };
  return {
    outputs() {
      for (const input of of.inputs) step(input);
      return inOrder(lstm.state, lstm.index, H);
    },
    run: timed(() => step(of.inputs[0])),
    close() {},
  };
}

/** The numbers below `count` in a fixed order of no order, so that the arena is read as symbols happen to come. */
function shuffled(count: number): Int32Array {
  const random = new Random('arena');
  const order = Int32Array.from({ length: count }, (_, k) => k);
  for (let k = count - 1; k > 0; k--) {
    const other = random.integer(k + 1);
    [order[k], order[other]] = [order[other], order[k]];
  }
  return order;
}

/** The states of the rows, h and c apart. */
function inOrder(state: ArrayLike<number>, index: Int32Array, H: number): Outputs {
  const hidden = new Float32Array(index.length * H);
  const memory = new Float32Array(index.length * H);
  index.forEach((symbol, row) => {
    for (let k = 0; k < H; k++) {
      hidden[row * H + k] = state[symbol * 2 * H + k];
      memory[row * H + k] = state[symbol * 2 * H + H + k];
    }
  });
  return { hidden, memory };
}

function openTraining(kernel: Kernel, of: TrainingCase): Opened {
  const { inputSize, hiddenSize, batch, steps } = of;
  const lstm = kernel.lstm({ inputSize, hiddenSize, rows: batch, steps, symbols: batch });
  for (let b = 0; b < batch; b++) lstm.index[b] = b;
  const parameters = of.parameters.slice();
  const moments = {
    first: new Float32Array(parameters.length),
    second: new Float32Array(parameters.length),
  };
  const options = { learningRate: of.learningRate, weightDecay: 0 };
  let updates = 0;
  const pass = (): number => {
    // Loading packs the parameters for the kernel: every update pays it.
    lstm.load(parameters);
    lstm.input.set(of.input);
    return bothPasses(lstm, of);
  };
  const finish = (): void => {
    updates++;
    clipGradient(lstm.gradients, of.largestNorm);
    adamW(parameters, lstm.gradients, moments, updates, options);
  };
  return openTurns({ parameters, gradients: lstm.gradients, pass, finish });
}

/** Forward through the window with the loss of each step, then backward. @returns the loss */
function bothPasses(lstm: ReturnType<Kernel['lstm']>, of: TrainingCase): number {
  const { hiddenSize: H, batch: B, steps: T, target } = of;
  const { state, dHidden } = lstm;
  state.fill(0);
  lstm.dState.fill(0);
  lstm.gradients.fill(0);
  let loss = 0;
  for (let t = 0; t < T; t++) {
    lstm.forward(B, t);
    for (let b = 0; b < B; b++) {
      const at = (t * B + b) * H;
      for (let k = 0; k < H; k++) {
        const error = state[b * 2 * H + k] - target[at + k];
        loss += error * error;
        dHidden[at + k] = (2 * error) / (T * B);
      }
    }
  }
  for (let t = T - 1; t >= 0; t--) lstm.backward(B, t);
  return loss / (T * B);
}
