import {
  denseBackwardInput,
  denseBackwardParameters,
  denseForward,
  denseParameterCount,
} from '../dense.ts';
import { relus, tanhs } from './activate.ts';
import { type Cell, type RowStrides, requireSizes } from './cell.ts';
import { copyRows } from './copy-rows.ts';
import { fillUniform } from './fill-uniform.ts';

export type RnnActivation = 'tanh' | 'relu';

/**
 * The traditional recurrent network (Elman 1990).
 *
 *   a' = g1(Waa a + Wax x + ba),  y = g2(Wya a' + by)
 *
 * The cell is the first equation, with W = [Wax, Waa]; the second is a dense layer of the caller's: quantile-head.ts.
 * g1 is tanh or ReLU; a ReLU's state has no bound. Parameters: H x (I + H) weights, row-major, the input's columns first; then H
 * biases. State of a row: a. Derivation: docs/derivations/rnn.md.
 */
export function rnnCell(
  inputSize: number,
  hiddenSize: number,
  activation: RnnActivation = 'tanh',
  strides: RowStrides = { input: inputSize, state: hiddenSize },
): Cell {
  requireSizes(inputSize, hiddenSize);
  const I = inputSize;
  const H = hiddenSize;
  const Z = I + H;
  const isTanh = activation === 'tanh';
  const activate = isTanh ? tanhs : relus;
  const next = new Float64Array(H);
  return {
    inputSize,
    hiddenSize,
    stateSize: H,
    hiddenAt: 0,
    parameterCount: denseParameterCount(Z, H),
    tapeSize: Z + H,

    initialise(parameters, at, random): void {
      fillUniform(parameters, at, denseParameterCount(Z, H), 1 / Math.sqrt(H), random);
    },

    // The tape of a step, each part for all rows: [x; a] (Z), a' (H).
    forward(rows, parameters, at, input, inputAt, state, stateAt, tape, tapeAt): void {
      const nextAt = tapeAt + rows * Z;
      copyRows(rows, input, inputAt, strides.input, tape, tapeAt, Z, I);
      copyRows(rows, state, stateAt, strides.state, tape, tapeAt + I, Z, H);
      denseForward(rows, Z, H, parameters, at, tape, tapeAt, tape, nextAt);
      for (let r = 0; r < rows; r++) {
        activate(H, tape, nextAt + r * H, next, 0);
        copyRows(1, next, 0, H, tape, nextAt + r * H, H, H);
        copyRows(1, next, 0, H, state, stateAt + r * strides.state, H, H);
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
      const nextAt = tapeAt + rows * Z;
      for (let r = 0; r < rows; r++) {
        for (let k = 0; k < H; k++) {
          const a = tape[nextAt + r * H + k];
          const slope = isTanh ? 1 - a * a : Number(a > 0);
          // a' is not needed again: its place takes dL/d(Waa a + Wax x + ba).
          tape[nextAt + r * H + k] = dState[dStateAt + r * strides.state + k] * slope;
          dState[dStateAt + r * strides.state + k] = 0;
        }
      }
      denseBackwardParameters(rows, Z, H, tape, tapeAt, tape, nextAt, gradients, at);
      denseBackwardInput(
        rows,
        Z,
        H,
        H,
        parameters,
        at + I,
        tape,
        nextAt,
        dState,
        dStateAt,
        strides.state,
      );
      if (dInput !== undefined) {
        denseBackwardInput(
          rows,
          Z,
          H,
          I,
          parameters,
          at,
          tape,
          nextAt,
          dInput,
          dInputAt,
          strides.input,
        );
      }
    },
  };
}
