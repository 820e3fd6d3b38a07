import { exp, log1p } from '../../numeric/elementary.ts';
import type { Floats } from '../add-product.ts';
import type { Layer } from './layers.ts';
import type { Trajectory } from './trajectory.ts';

/**
 * In how many steps each unit forgets: tau = -1 / (mean over steps and rows of ln f), so that the product of f over tau steps is 1/e.
 * f is the LSTM's forget gate, the GRU's update gate, the trace's mu. It is the gate's own share of what is kept: what flows through
 * the recurrent weights comes on top.
 *
 * @returns one number per unit of all layers, in steps, rising; null for a cell that has no such gate
 */
export function forgetTimeConstants(
  trajectory: Trajectory,
  layers: readonly Layer[],
): Float64Array | null {
  const constants = layers.flatMap((layer) => [...constantsOf(trajectory, layer)]);
  return constants.length === 0 ? null : Float64Array.from(constants).sort();
}

/** The value below which a share `level` of rising numbers lies: the one at that rank, nearest. */
export function quantileOf(rising: Float64Array, level: number): number {
  return rising[Math.round(level * (rising.length - 1))];
}

function constantsOf(trajectory: Trajectory, layer: Layer): Float64Array {
  if (layer.kind === 'rnn' || layer.kind === 'rnn-relu') return new Float64Array(0);
  const { rows, steps } = trajectory;
  const logs = new Float64Array(layer.hiddenSize);
  for (let t = 0; t < steps; t++) {
    for (let row = 0; row < rows; row++) addLogs(trajectory, layer, t, row, logs);
  }
  return logs.map((sum) => (-rows * steps) / sum);
}

/** Adds ln f of every unit at one step of one row. */
function addLogs(
  trajectory: Trajectory,
  layer: Layer,
  t: number,
  row: number,
  logs: Float64Array,
): void {
  const { kind, inputSize: I, hiddenSize: H } = layer;
  const { cell, parameters, rows, input, states } = trajectory;
  const at = trajectory.at + layer.at;
  const before = (t * rows + row) * cell.stateSize + layer.stateAt;
  const isFirst = layer.stateAt === 0;
  // A higher layer reads what the layer below has just left: a hidden state of the same step, which begins that layer's part.
  const inputFrom = isFirst ? input : states;
  const below = layer.stateAt - layer.stateSize;
  const inputAt = isFirst ? (t * rows + row) * I : ((t + 1) * rows + row) * cell.stateSize + below;
  for (let k = 0; k < H; k++) {
    let a: number;
    if (kind === 'trace') {
      a = parameters[at + H * I + H + k];
    } else if (kind === 'lstm') {
      const weights = at + (H + k) * (I + H);
      a = parameters[at + 4 * H * (I + H) + H + k];
      a += dot(I, parameters, weights, inputFrom, inputAt);
      a += dot(H, parameters, weights + I, states, before);
    } else {
      const recurrent = at + 3 * H * I + 3 * H;
      a = parameters[at + 3 * H * I + H + k] + parameters[recurrent + 3 * H * H + H + k];
      a += dot(I, parameters, at + (H + k) * I, inputFrom, inputAt);
      a += dot(H, parameters, recurrent + (H + k) * H, states, before);
    }
    logs[k] += lnSigmoid(a);
  }
}

function dot(count: number, a: Floats, aAt: number, b: Floats, bAt: number): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += a[aAt + k] * b[bAt + k];
  return sum;
}

/** ln(1 / (1 + e^-a)), without loss where the gate is all but open. */
function lnSigmoid(a: number): number {
  return a >= 0 ? -log1p(exp(-a)) : a - log1p(exp(a));
}
