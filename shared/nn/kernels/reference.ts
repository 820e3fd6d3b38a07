import type { Floats } from '../add-product.ts';
import { lstmCell } from '../cells/lstm.ts';
import {
  denseBackwardInput,
  denseBackwardParameters,
  denseForward,
  denseParameterCount,
} from '../dense.ts';
import type { FloatsConstructor } from '../quantile-head.ts';
import { countNotFinite } from './finite-rows.ts';
import type { DenseKernel, DenseSize, Kernel, LstmKernel, LstmSize } from './kernel.ts';
import { referenceNetwork } from './reference-network.ts';

/** Plain TypeScript, summed in float64 and stored as `floats`: the truth that other kernels are judged by. */
export function referenceKernel(floats: FloatsConstructor = Float32Array): Kernel {
  return {
    name: 'reference',
    dense: (size) => referenceDense(size, floats),
    lstm: (size) => referenceLstm(size, floats),
    network: (size) => referenceNetwork(size, floats),
  };
}

/** A dense layer on the loops of dense.ts. */
function referenceDense(
  { inputs, outputs, rows }: DenseSize,
  floats: FloatsConstructor,
): DenseKernel {
  const parameters = new floats(denseParameterCount(inputs, outputs));
  const gradients = new floats(parameters.length);
  const input = new floats(rows * inputs);
  const output = new floats(rows * outputs);
  const dOutput = new floats(rows * outputs);
  const dInput = new floats(rows * inputs);
  return {
    input,
    output,
    dOutput,
    dInput,
    gradients,
    load: (from) => parameters.set(from),
    forward: (count) => denseForward(count, inputs, outputs, parameters, 0, input, 0, output, 0),
    backward(count) {
      denseBackwardParameters(count, inputs, outputs, input, 0, dOutput, 0, gradients, 0);
      dInput.fill(0, 0, count * inputs);
      denseBackwardInput(count, inputs, outputs, inputs, parameters, 0, dOutput, 0, dInput, 0);
    },
  };
}

/** An LSTM layer on the cell of cells/lstm.ts; the arena is gathered and scattered by copies. */
function referenceLstm(
  { inputSize: I, hiddenSize: H, rows, steps, symbols }: LstmSize,
  floats: FloatsConstructor,
): LstmKernel {
  const cell = lstmCell(I, H);
  const S = 2 * H;
  const parameters = new floats(cell.parameterCount);
  const gradients = new floats(cell.parameterCount);
  const input = new floats(steps * rows * I);
  const state = new floats(symbols * S);
  const index = new Int32Array(rows);
  const dHidden = new floats(steps * rows * H);
  const dState = new floats(rows * S);
  const dInput = new floats(steps * rows * I);
  const next = new floats(rows * S);
  const tape = new floats(steps * rows * cell.tapeSize);
  return {
    input,
    state,
    index,
    dHidden,
    dState,
    dInput,
    gradients,
    load: (from) => parameters.set(from),
    forward(count, t) {
      for (let r = 0; r < count; r++) copyRow(state, index[r] * S, next, r * S, S);
      const tapeAt = t * rows * cell.tapeSize;
      cell.forward(count, parameters, 0, input, t * rows * I, next, 0, tape, tapeAt);
      let refused = 0;
      for (let r = 0; r < count; r++) {
        const isSound =
          countNotFinite(1, next, r * S, S) + countNotFinite(1, input, (t * rows + r) * I, I) === 0;
        if (isSound) copyRow(next, r * S, state, index[r] * S, S);
        else refused += 1;
      }
      return refused;
    },
    backward(count, t) {
      for (let r = 0; r < count; r++) {
        for (let k = 0; k < H; k++) dState[r * S + k] += dHidden[(t * rows + r) * H + k];
      }
      const into = dInput.subarray(t * rows * I, t * rows * I + count * I).fill(0);
      cell.backward(count, parameters, 0, tape, t * rows * cell.tapeSize, dState, gradients, into);
    },
  };
}

function copyRow(from: Floats, fromAt: number, to: Floats, toAt: number, count: number): void {
  for (let k = 0; k < count; k++) to[toAt + k] = from[fromAt + k];
}
