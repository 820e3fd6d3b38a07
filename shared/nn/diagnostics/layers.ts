import { type CellKind, cellOf } from '../cells/cell-kinds.ts';
import type { NetworkShape } from '../network-shape.ts';

/** One layer of a recurrent network: where it lies in the parameters and in a row of state (as in stack.ts). */
export interface Layer {
  readonly kind: CellKind;
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** Behind where the network's recurrent parameters begin. */
  readonly at: number;
  readonly stateAt: number;
  readonly stateSize: number;
}

/** A run of numbers in a row of state. */
export interface StatePart {
  readonly name: string;
  readonly at: number;
  readonly length: number;
}

/** A gate, or the one activation of a cell without gates: its H biases lie at `biasAt` of the layer's parameters. */
export interface Gate {
  readonly name: string;
  readonly biasAt: number;
}

export type RecurrentShape = Pick<NetworkShape, 'cell' | 'layers' | 'inputSize' | 'hiddenSize'>;

export function layersOf({ cell, layers, inputSize, hiddenSize }: RecurrentShape): Layer[] {
  let at = 0;
  let stateAt = 0;
  return Array.from({ length: layers }, (_, l) => {
    const ownInput = l === 0 ? inputSize : hiddenSize;
    const { parameterCount, stateSize } = cellOf(cell, ownInput, hiddenSize);
    const layer = { kind: cell, inputSize: ownInput, hiddenSize, at, stateAt, stateSize };
    at += parameterCount;
    stateAt += stateSize;
    return layer;
  });
}

/** h of every layer, and the memory c of those that have one. */
export function statePartsOf(layers: readonly Layer[]): StatePart[] {
  return layers.flatMap(({ hiddenSize, stateAt, stateSize }, l) => {
    const hidden = { name: `h${l + 1}`, at: stateAt, length: hiddenSize };
    const memory = { name: `c${l + 1}`, at: stateAt + hiddenSize, length: stateSize - hiddenSize };
    return memory.length === 0 ? [hidden] : [hidden, memory];
  });
}

const GATES: Readonly<Record<CellKind, readonly string[]>> = {
  lstm: ['input', 'forget', 'candidate', 'output'],
  gru: ['reset', 'update', 'candidate'],
  rnn: ['activation'],
  'rnn-relu': ['activation'],
  trace: ['map'],
};

/** In the order of the cell's own file. */
export function gatesOf({ kind, inputSize: I, hiddenSize: H }: Layer): Gate[] {
  const names = GATES[kind];
  const columns = kind === 'gru' || kind === 'trace' ? I : I + H;
  return names.map((name, g) => ({ name, biasAt: names.length * H * columns + g * H }));
}
