import type { Floats } from '../add-product.ts';
import {
  denseBackwardInput,
  denseBackwardParameters,
  denseForward,
  denseParameterCount,
} from '../dense.ts';
import { sigmoids, tanhs } from './activate.ts';
import { type Cell, type RowStrides, requireSizes } from './cell.ts';
import { copyRows } from './copy-rows.ts';
import { fillUniform } from './fill-uniform.ts';

/**
 * Gated recurrent unit (Cho et al. 2014), in the form of cuDNN and PyTorch, which resets after the product:
 *
 *   r, z = sigmoid(Wx x + bx + Wh h + bh),  n = tanh(Wx x + bx + r (Wh h + bh)),  h' = (1 - z) n + z h
 *
 * Cho's own form has Wh (r h) in n, which needs a second product after r is known; this one takes all of Wh h at once. Gate order
 * in every block of 3H: reset, update, candidate. Parameters: 3H x I weights, row-major, 3H biases; 3H x H weights, 3H biases (only
 * the candidate needs both biases; all are kept, so that the layout is PyTorch's). State of a row: h. Derivation:
 * docs/derivations/gru.md.
 */
export function gruCell(
  inputSize: number,
  hiddenSize: number,
  strides: RowStrides = { input: inputSize, state: hiddenSize },
): Cell {
  requireSizes(inputSize, hiddenSize);
  const I = inputSize;
  const H = hiddenSize;
  const G = 3 * H;
  const inputCount = denseParameterCount(I, G);
  const parameterCount = inputCount + denseParameterCount(H, G);
  // One row before it is rounded to the tape's storage.
  const before = new Float64Array(G);
  const gates = new Float64Array(G);
  /** r, z and n of one row. */
  const openGates = (tape: Floats, gate: number, recurrent: number): void => {
    for (let k = 0; k < 2 * H; k++) before[k] = tape[gate + k] + tape[recurrent + k];
    sigmoids(2 * H, before, 0, gates, 0);
    for (let k = 2 * H; k < G; k++) {
      before[k] = tape[gate + k] + gates[k - 2 * H] * tape[recurrent + k];
    }
    tanhs(H, before, 2 * H, gates, 2 * H);
  };
  return {
    inputSize,
    hiddenSize,
    stateSize: H,
    hiddenAt: 0,
    parameterCount,
    tapeSize: I + H + 2 * G,

    initialise(parameters, at, random): void {
      fillUniform(parameters, at, parameterCount, 1 / Math.sqrt(H), random);
    },

    // The tape of a step, each part for all rows: x (I), h (H), activated gates (G), Wh h + bh (G).
    forward(rows, parameters, at, input, inputAt, state, stateAt, tape, tapeAt): void {
      const hiddenAt = tapeAt + rows * I;
      const gatesAt = hiddenAt + rows * H;
      const recurrentAt = gatesAt + rows * G;
      copyRows(rows, input, inputAt, strides.input, tape, tapeAt, I, I);
      copyRows(rows, state, stateAt, strides.state, tape, hiddenAt, H, H);
      denseForward(rows, I, G, parameters, at, tape, tapeAt, tape, gatesAt);
      denseForward(rows, H, G, parameters, at + inputCount, tape, hiddenAt, tape, recurrentAt);
      for (let row = 0; row < rows; row++) {
        const gate = gatesAt + row * G;
        const recurrent = recurrentAt + row * G;
        openGates(tape, gate, recurrent);
        for (let k = 0; k < H; k++) {
          const z = gates[H + k];
          const h = tape[hiddenAt + row * H + k];
          state[stateAt + row * strides.state + k] = (1 - z) * gates[2 * H + k] + z * h;
        }
        for (let k = 0; k < G; k++) tape[gate + k] = gates[k];
      }
    },

    backward(
      rows,
      parameters,
      at,
      tape,
      tapeAt,
      dState,
      gradients,
      dInput,
      dStateAt = 0,
      dInputAt = 0,
    ): void {
      const hiddenAt = tapeAt + rows * I;
      const gatesAt = hiddenAt + rows * H;
      const recurrentAt = gatesAt + rows * G;
      const recurrentWeights = at + inputCount;
      for (let row = 0; row < rows; row++) {
        const gate = gatesAt + row * G;
        const recurrent = recurrentAt + row * G;
        const hidden = dStateAt + row * strides.state;
        for (let k = 0; k < H; k++) {
          const r = tape[gate + k];
          const z = tape[gate + H + k];
          const n = tape[gate + 2 * H + k];
          const dNext = dState[hidden + k];
          const dN = dNext * (1 - z) * (1 - n * n);
          const dR = dN * tape[recurrent + 2 * H + k] * r * (1 - r);
          const dZ = dNext * (tape[hiddenAt + row * H + k] - n) * z * (1 - z);
          // What stood here is not needed again: the places take dL/d(Wx x + bx) and dL/d(Wh h + bh).
          tape[gate + k] = dR;
          tape[gate + H + k] = dZ;
          tape[gate + 2 * H + k] = dN;
          tape[recurrent + k] = dR;
          tape[recurrent + H + k] = dZ;
          tape[recurrent + 2 * H + k] = dN * r;
          dState[hidden + k] = dNext * z;
        }
      }
      denseBackwardParameters(rows, I, G, tape, tapeAt, tape, gatesAt, gradients, at);
      denseBackwardParameters(
        rows,
        H,
        G,
        tape,
        hiddenAt,
        tape,
        recurrentAt,
        gradients,
        recurrentWeights,
      );
      denseBackwardInput(
        rows,
        H,
        G,
        H,
        parameters,
        recurrentWeights,
        tape,
        recurrentAt,
        dState,
        dStateAt,
        strides.state,
      );
      if (dInput !== undefined) {
        denseBackwardInput(
          rows,
          I,
          G,
          I,
          parameters,
          at,
          tape,
          gatesAt,
          dInput,
          dInputAt,
          strides.input,
        );
      }
    },
  };
}
