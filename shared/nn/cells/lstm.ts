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
 * Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers, Schmidhuber & Cummins 2000).
 *
 *   i, f, o = sigmoid(W [x; h] + b),  g = tanh(W [x; h] + b),  c' = f c + i g,  h' = o tanh(c')
 *
 * Gate order in every block of 4H: input, forget, candidate, output. Parameters: 4H x (I + H) weights, row-major, the input's
 * columns first; then 4H biases. State of a row: h, then c. Derivation: docs/derivations/lstm.md.
 */
export function lstmCell(
  inputSize: number,
  hiddenSize: number,
  strides: RowStrides = { input: inputSize, state: 2 * hiddenSize },
): Cell {
  requireSizes(inputSize, hiddenSize);
  const I = inputSize;
  const H = hiddenSize;
  const Z = I + H;
  // One row before it is rounded to the tape's storage.
  const gates = new Float64Array(4 * H);
  const next = new Float64Array(H);
  const squashed = new Float64Array(H);
  return {
    inputSize,
    hiddenSize,
    stateSize: 2 * H,
    hiddenAt: 0,
    parameterCount: denseParameterCount(Z, 4 * H),
    tapeSize: Z + 6 * H,

    // Uniform within 1 / sqrt(H); forget biases one higher (Gers et al. 2000), so that memory is kept until it is unlearnt.
    initialise(parameters, at, random): void {
      fillUniform(parameters, at, denseParameterCount(Z, 4 * H), 1 / Math.sqrt(H), random);
      const forgetBiasAt = at + 4 * H * Z + H;
      for (let k = 0; k < H; k++) parameters[forgetBiasAt + k] += 1;
    },

    // The tape of a step, each part for all rows: [x; h] (Z), activated gates (4H), c (H), tanh c' (H).
    forward(rows, parameters, at, input, inputAt, state, stateAt, tape, tapeAt): void {
      const gatesAt = tapeAt + rows * Z;
      const cellAt = gatesAt + rows * 4 * H;
      const squashedAt = cellAt + rows * H;
      copyRows(rows, input, inputAt, strides.input, tape, tapeAt, Z, I);
      copyRows(rows, state, stateAt, strides.state, tape, tapeAt + I, Z, H);
      denseForward(rows, Z, 4 * H, parameters, at, tape, tapeAt, tape, gatesAt);
      for (let r = 0; r < rows; r++) {
        const gate = gatesAt + r * 4 * H;
        const hidden = stateAt + r * strides.state;
        sigmoids(2 * H, tape, gate, gates, 0);
        tanhs(H, tape, gate + 2 * H, gates, 2 * H);
        sigmoids(H, tape, gate + 3 * H, gates, 3 * H);
        for (let k = 0; k < H; k++) {
          const c = state[hidden + H + k];
          next[k] = gates[H + k] * c + gates[k] * gates[2 * H + k];
          tape[cellAt + r * H + k] = c;
        }
        tanhs(H, next, 0, squashed, 0);
        for (let k = 0; k < 4 * H; k++) tape[gate + k] = gates[k];
        for (let k = 0; k < H; k++) {
          tape[squashedAt + r * H + k] = squashed[k];
          state[hidden + k] = gates[3 * H + k] * squashed[k];
          state[hidden + H + k] = next[k];
        }
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
      const gatesAt = tapeAt + rows * Z;
      const cellAt = gatesAt + rows * 4 * H;
      const squashedAt = cellAt + rows * H;
      for (let r = 0; r < rows; r++) {
        const gate = gatesAt + r * 4 * H;
        const hidden = dStateAt + r * strides.state;
        for (let k = 0; k < H; k++) {
          const i = tape[gate + k];
          const f = tape[gate + H + k];
          const g = tape[gate + 2 * H + k];
          const o = tape[gate + 3 * H + k];
          const squashed = tape[squashedAt + r * H + k];
          const dHidden = dState[hidden + k];
          const dNext = dState[hidden + H + k] + dHidden * o * (1 - squashed * squashed);
          // The activated gates are not needed again: their places take dL/d(gate before activation).
          tape[gate + k] = dNext * g * i * (1 - i);
          tape[gate + H + k] = dNext * tape[cellAt + r * H + k] * f * (1 - f);
          tape[gate + 2 * H + k] = dNext * i * (1 - g * g);
          tape[gate + 3 * H + k] = dHidden * squashed * o * (1 - o);
          dState[hidden + k] = 0;
          dState[hidden + H + k] = dNext * f;
        }
      }
      denseBackwardParameters(rows, Z, 4 * H, tape, tapeAt, tape, gatesAt, gradients, at);
      denseBackwardInput(
        rows,
        Z,
        4 * H,
        H,
        parameters,
        at + I,
        tape,
        gatesAt,
        dState,
        dStateAt,
        strides.state,
      );
      if (dInput !== undefined) {
        denseBackwardInput(
          rows,
          Z,
          4 * H,
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
