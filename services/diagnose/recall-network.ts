import type { Cell } from '#shared/nn/cells/cell.ts';
import { cellOf } from '#shared/nn/cells/cell-kinds.ts';
import { denseParameterCount } from '#shared/nn/dense.ts';
import { gatesOf, type Layer, layersOf } from '#shared/nn/diagnostics/layers.ts';
import { spectralRadius } from '#shared/nn/diagnostics/spectral-radius.ts';
import { Random } from '#shared/nn/random.ts';
import { SYMBOLS, TASK_INPUTS } from './recall-task.ts';
import type { Subject } from './subject.ts';

/** A cell with a dense layer on its last hidden state that says which symbol it was. */
export interface RecallNetwork {
  readonly cell: Cell;
  readonly layer: Layer;
  /** The cell's, then the dense layer's. */
  readonly parameters: Float64Array;
}

/** Steps of a network at rest along which its radius is measured. */
const RADIUS_STEPS = 512;

export function recallNetwork(
  { kind, radius }: Subject,
  { hiddenSize: H, lag, seed }: { readonly hiddenSize: number; lag: number; seed: number },
): RecallNetwork {
  const cell = cellOf(kind, TASK_INPUTS, H);
  const [layer] = layersOf({ cell: kind, layers: 1, inputSize: TASK_INPUTS, hiddenSize: H });
  const random = new Random(`weights ${kind} ${seed}`);
  const parameters = new Float64Array(cell.parameterCount + denseParameterCount(H, SYMBOLS));
  cell.initialise(parameters, 0, random);
  for (let k = cell.parameterCount; k < parameters.length; k++) {
    parameters[k] = (2 * random.next() - 1) / Math.sqrt(H);
  }
  suitLag(parameters, layer, lag);
  if (radius !== null) scaleTo(radius, parameters, layer);
  return { cell, layer, parameters };
}

/**
 * Gates whose time constant is the lag: forget (update) biases of ln(lag), so that f is about lag / (lag + 1), and for the LSTM
 * input biases of -ln(lag), so that what the distractors add stays as small as one symbol (Tallec & Ollivier 2018, "chrono").
 */
function suitLag(parameters: Float64Array, layer: Layer, lag: number): void {
  const bias = Math.log(lag);
  const values: Readonly<Record<string, number>> = { forget: bias, update: bias };
  for (const { name, biasAt } of gatesOf(layer)) {
    const value = layer.kind === 'lstm' && name === 'input' ? -bias : values[name];
    if (value !== undefined) parameters.fill(value, biasAt, biasAt + layer.hiddenSize);
  }
}

/** Scales the recurrent weights of an ungated cell. */
function scaleTo(radius: number, parameters: Float64Array, layer: Layer): void {
  const { inputSize: I, hiddenSize: H } = layer;
  // At rest a tanh network's Jacobian is its recurrent matrix; a ReLU's is not, but the parameters lie alike.
  const cell = cellOf('rnn', I, H);
  const weights = parameters.slice(0, cell.parameterCount).fill(0, H * (I + H));
  const walk = { cell, parameters: weights, at: 0, rows: 1, steps: RADIUS_STEPS };
  const [input, state] = [new Float64Array(RADIUS_STEPS * I), new Float64Array(H)];
  const found = spectralRadius({ ...walk, input, state }, new Random('radius'));
  for (let row = 0; row < H; row++) {
    const from = row * (I + H) + I;
    for (let k = from; k < from + H; k++) parameters[k] *= radius / found;
  }
}
