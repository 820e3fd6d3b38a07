import { exp, ln } from '../../numeric/elementary.ts';
import type { Floats } from '../add-product.ts';
import {
  denseBackwardInput,
  denseBackwardParameters,
  denseForward,
  denseParameterCount,
} from '../dense.ts';
import { sigmoids } from './activate.ts';
import { type Cell, type RowStrides, requireSizes } from './cell.ts';
import { copyRows } from './copy-rows.ts';
import { fillUniform } from './fill-uniform.ts';

/** Time constants of an untrained cell, in steps, from the first unit to the last. */
const SHORTEST = 2;
const LONGEST = 256;

/**
 * Exponential trace memory (Mozer 1989, Jordan 1987): each unit is a running mean of its own view of the inputs.
 *
 *   u = W x + b,  s' = mu s + (1 - mu) u,  mu = sigmoid(m)
 *
 * mu holds per unit; unit k forgets with time constant 1 / (1 - mu). u is a linear map, so that H need not be I (W = 1, b = 0
 * is Mozer's own form); nothing is squashed, that is left to the layer above. Parameters: H x I weights, row-major; H biases; H
 * numbers m, where `traces` does not fix the mu. State of a row: s. Derivation: docs/derivations/trace.md.
 *
 * @param traces mu of each unit, in [0, 1), never learnt; absent: learnt, from a geometric spread of time constants
 * @throws RangeError for sizes that do not fit
 */
export function traceCell(
  inputSize: number,
  hiddenSize: number,
  traces?: readonly number[],
  strides: RowStrides = { input: inputSize, state: hiddenSize },
): Cell {
  requireSizes(inputSize, hiddenSize);
  requireTraces(hiddenSize, traces);
  const I = inputSize;
  const H = hiddenSize;
  const mapCount = denseParameterCount(I, H);
  const mus = Float64Array.from(traces ?? new Float64Array(H));
  const readTraces = (parameters: Floats, at: number): void => {
    if (traces === undefined) sigmoids(H, parameters, at + mapCount, mus, 0);
  };
  return {
    inputSize,
    hiddenSize,
    stateSize: H,
    hiddenAt: 0,
    parameterCount: mapCount + (traces === undefined ? H : 0),
    tapeSize: I + 2 * H,

    initialise(parameters, at, random): void {
      fillUniform(parameters, at, mapCount, 1 / Math.sqrt(I), random);
      if (traces !== undefined) return;
      for (let k = 0; k < H; k++) {
        const steps = SHORTEST * exp(ln(LONGEST / SHORTEST) * (H === 1 ? 0.5 : k / (H - 1)));
        // 1 / (1 - sigmoid(m)) = 1 + e^m
        parameters[at + mapCount + k] = ln(steps - 1);
      }
    },

    // The tape of a step, each part for all rows: x (I), s (H), u (H).
    forward(rows, parameters, at, input, inputAt, state, stateAt, tape, tapeAt): void {
      const beforeAt = tapeAt + rows * I;
      const mappedAt = beforeAt + rows * H;
      copyRows(rows, input, inputAt, strides.input, tape, tapeAt, I, I);
      copyRows(rows, state, stateAt, strides.state, tape, beforeAt, H, H);
      denseForward(rows, I, H, parameters, at, tape, tapeAt, tape, mappedAt);
      readTraces(parameters, at);
      for (let k = 0; k < H; k++) {
        const mu = mus[k];
        for (let r = 0; r < rows; r++) {
          const s = tape[beforeAt + r * H + k];
          const u = tape[mappedAt + r * H + k];
          state[stateAt + r * strides.state + k] = mu * s + (1 - mu) * u;
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
      const beforeAt = tapeAt + rows * I;
      const mappedAt = beforeAt + rows * H;
      readTraces(parameters, at);
      for (let k = 0; k < H; k++) {
        const mu = mus[k];
        let dMu = 0;
        for (let r = 0; r < rows; r++) {
          const s = tape[beforeAt + r * H + k];
          const u = tape[mappedAt + r * H + k];
          const dNext = dState[dStateAt + r * strides.state + k];
          dMu += dNext * (s - u);
          // u is not needed again: its place takes dL/du.
          tape[mappedAt + r * H + k] = dNext * (1 - mu);
          dState[dStateAt + r * strides.state + k] = dNext * mu;
        }
        if (traces === undefined && gradients !== null)
          gradients[at + mapCount + k] += dMu * mu * (1 - mu);
      }
      denseBackwardParameters(rows, I, H, tape, tapeAt, tape, mappedAt, gradients, at);
      if (dInput !== undefined) {
        denseBackwardInput(
          rows,
          I,
          H,
          I,
          parameters,
          at,
          tape,
          mappedAt,
          dInput,
          dInputAt,
          strides.input,
        );
      }
    },
  };
}

function requireTraces(hiddenSize: number, traces: readonly number[] | undefined): void {
  if (traces === undefined) return;
  if (traces.length !== hiddenSize || !traces.every((mu) => mu >= 0 && mu < 1)) {
    throw new RangeError(`traces must be ${hiddenSize} numbers in [0, 1), were [${traces}]`);
  }
}
