import type { Cell } from '#shared/nn/cells/cell.ts';
import { cellOf } from '#shared/nn/cells/cell-kinds.ts';
import { denseParameterCount } from '#shared/nn/dense.ts';
import { gatesOf, type Layer, layersOf } from '#shared/nn/diagnostics/layers.ts';
import { spectralRadius } from '#shared/nn/diagnostics/spectral-radius.ts';
import { networkCell } from '#shared/nn/network-shape.ts';
import { Random } from '#shared/nn/random.ts';
import { ln } from '#shared/numeric/elementary.ts';
import type { DiagnoseRequest } from './config.ts';
import { SYMBOLS, TASK_INPUTS } from './recall-task.ts';
import type { Subject } from './subject.ts';

/** Recurrent layers, and a dense layer on the last hidden state that says which symbol it was. */
export interface RecallNetwork {
  readonly cell: Cell;
  readonly layers: readonly Layer[];
  /** The recurrent ones, then the dense layer's. */
  readonly parameters: Float64Array;
}

/** Steps of a network at rest along which its radius is measured. */
const RADIUS_STEPS = 512;

export function recallNetwork(
  { kind, radius }: Subject,
  request: Pick<DiagnoseRequest, 'hiddenSize' | 'layers' | 'lag' | 'seed'>,
): RecallNetwork {
  const { hiddenSize, lag, seed } = request;
  const shape = { cell: kind, layers: request.layers, inputSize: TASK_INPUTS, hiddenSize };
  const cell = networkCell(shape);
  const layers = layersOf(shape);
  const random = new Random(`weights ${kind} ${seed}`);
  const dense = denseParameterCount(hiddenSize, SYMBOLS);
  const parameters = new Float64Array(cell.parameterCount + dense);
  cell.initialise(parameters, 0, random);
  for (let k = cell.parameterCount; k < parameters.length; k++) {
    parameters[k] = (2 * random.next() - 1) / Math.sqrt(hiddenSize);
  }
  for (const layer of layers) {
    suitLag(parameters, layer, lag);
    if (radius !== null) scaleTo(radius, parameters, layer);
  }
  return { cell, layers, parameters };
}

/**
 * Gates whose time constant is the lag: forget (update) biases of ln(lag), so that f is about lag / (lag + 1), and for the LSTM
 * input biases of -ln(lag), so that what the distractors add stays as small as one symbol (Tallec & Ollivier 2018, "chrono").
 */
function suitLag(parameters: Float64Array, layer: Layer, lag: number): void {
  const bias = ln(lag);
  const values: Readonly<Record<string, number>> = { forget: bias, update: bias };
  for (const { name, biasAt } of gatesOf(layer)) {
    const value = layer.kind === 'lstm' && name === 'input' ? -bias : values[name];
    const at = layer.at + biasAt;
    if (value !== undefined) parameters.fill(value, at, at + layer.hiddenSize);
  }
}

/** Scales the recurrent weights of a layer without gates. */
function scaleTo(
  radius: number,
  parameters: Float64Array,
  { at, inputSize: I, hiddenSize: H }: Layer,
): void {
  // At rest a tanh network's Jacobian is its recurrent matrix; a ReLU's is not, but the parameters lie alike.
  const cell = cellOf('rnn', I, H);
  const weights = parameters.slice(at, at + cell.parameterCount).fill(0, H * (I + H));
  const walk = { cell, parameters: weights, at: 0, rows: 1, steps: RADIUS_STEPS };
  const [input, state] = [new Float64Array(RADIUS_STEPS * I), new Float64Array(H)];
  const found = spectralRadius({ ...walk, input, state }, new Random('radius'));
  for (let row = 0; row < H; row++) {
    const from = at + row * (I + H) + I;
    for (let k = from; k < from + H; k++) parameters[k] *= radius / found;
  }
}
