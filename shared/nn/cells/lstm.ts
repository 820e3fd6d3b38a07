import { sigmoid, tanh } from '../../numeric/elementary.ts';
import { addProduct, type Floats } from '../add-product.ts';
import { denseBackwardParameters, denseForward, denseParameterCount } from '../dense.ts';
import type { Cell } from './cell.ts';

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers, Schmidhuber & Cummins 2000).
 *
 *   i, f, o = sigmoid(W [x; h] + b),  g = tanh(W [x; h] + b),  c' = f c + i g,  h' = o tanh(c')
 *
 * Gate order in every block of 4H: input, forget, candidate, output. Parameters: 4H x (I + H) weights, row-major, the input's
 * columns first; then 4H biases. State of a row: h, then c. Derivation: docs/derivations/lstm.md.
 */
export function lstmCell(inputSize: number, hiddenSize: number): Cell {
  const I = inputSize;
  const H = hiddenSize;
  const Z = I + H;
  return {
    inputSize,
    hiddenSize,
    stateSize: 2 * H,
    parameterCount: denseParameterCount(Z, 4 * H),
    tapeSize: Z + 6 * H,

    // The tape of a step, each part for all rows: [x; h] (Z), activated gates (4H), c (H), tanh c' (H).
    forward(rows, parameters, at, input, inputAt, state, stateAt, tape, tapeAt): void {
      const gatesAt = tapeAt + rows * Z;
      const cellAt = gatesAt + rows * 4 * H;
      const squashedAt = cellAt + rows * H;
      copyRows(rows, input, inputAt, I, tape, tapeAt, Z, I);
      copyRows(rows, state, stateAt, 2 * H, tape, tapeAt + I, Z, H);
      denseForward(rows, Z, 4 * H, parameters, at, tape, tapeAt, tape, gatesAt);
      for (let r = 0; r < rows; r++) {
        const gate = gatesAt + r * 4 * H;
        const hidden = stateAt + r * 2 * H;
        for (let k = 0; k < H; k++) {
          const i = sigmoid(tape[gate + k]);
          const f = sigmoid(tape[gate + H + k]);
          const g = tanh(tape[gate + 2 * H + k]);
          const o = sigmoid(tape[gate + 3 * H + k]);
          const c = state[hidden + H + k];
          const next = f * c + i * g;
          const squashed = tanh(next);
          tape[gate + k] = i;
          tape[gate + H + k] = f;
          tape[gate + 2 * H + k] = g;
          tape[gate + 3 * H + k] = o;
          tape[cellAt + r * H + k] = c;
          tape[squashedAt + r * H + k] = squashed;
          state[hidden + k] = o * squashed;
          state[hidden + H + k] = next;
        }
      }
    },

    backward(rows, parameters, at, tape, tapeAt, dState, gradients, dInput): void {
      const gatesAt = tapeAt + rows * Z;
      const cellAt = gatesAt + rows * 4 * H;
      const squashedAt = cellAt + rows * H;
      for (let r = 0; r < rows; r++) {
        const gate = gatesAt + r * 4 * H;
        for (let k = 0; k < H; k++) {
          const i = tape[gate + k];
          const f = tape[gate + H + k];
          const g = tape[gate + 2 * H + k];
          const o = tape[gate + 3 * H + k];
          const squashed = tape[squashedAt + r * H + k];
          const dHidden = dState[r * 2 * H + k];
          const dNext = dState[r * 2 * H + H + k] + dHidden * o * (1 - squashed * squashed);
          // The activated gates are not needed again: their places take dL/d(gate before activation).
          tape[gate + k] = dNext * g * i * (1 - i);
          tape[gate + H + k] = dNext * tape[cellAt + r * H + k] * f * (1 - f);
          tape[gate + 2 * H + k] = dNext * i * (1 - g * g);
          tape[gate + 3 * H + k] = dHidden * squashed * o * (1 - o);
          dState[r * 2 * H + k] = 0;
          dState[r * 2 * H + H + k] = dNext * f;
        }
      }
      denseBackwardParameters(rows, Z, 4 * H, tape, tapeAt, tape, gatesAt, gradients, at);
      addProduct(
        rows,
        H,
        4 * H,
        tape,
        gatesAt,
        4 * H,
        1,
        parameters,
        at + I,
        Z,
        1,
        dState,
        0,
        2 * H,
      );
      if (dInput !== undefined) {
        addProduct(rows, I, 4 * H, tape, gatesAt, 4 * H, 1, parameters, at, Z, 1, dInput, 0, I);
      }
    },
  };
}

/** Copies the first `count` numbers of every row; strides are the distances between rows. */
function copyRows(
  rows: number,
  from: Floats,
  fromAt: number,
  fromStride: number,
  to: Floats,
  toAt: number,
  toStride: number,
  count: number,
): void {
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < count; k++) to[toAt + r * toStride + k] = from[fromAt + r * fromStride + k];
  }
}
