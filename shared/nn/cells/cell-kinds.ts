import type { Cell, RowStrides } from './cell.ts';
import { gruCell } from './gru.ts';
import { lstmCell } from './lstm.ts';
import { rnnCell } from './rnn.ts';
import { traceCell } from './trace.ts';

export const CELL_KINDS = ['lstm', 'gru', 'rnn', 'rnn-relu', 'trace'] as const;

export type CellKind = (typeof CELL_KINDS)[number];

const MAKERS: Readonly<Record<CellKind, (I: number, H: number, strides?: RowStrides) => Cell>> = {
  lstm: lstmCell,
  gru: gruCell,
  rnn: (I, H, strides) => rnnCell(I, H, 'tanh', strides),
  'rnn-relu': (I, H, strides) => rnnCell(I, H, 'relu', strides),
  trace: (I, H, strides) => traceCell(I, H, undefined, strides),
};

/** The one table from a kind to its cell. @throws RangeError for a kind we do not know and for sizes that no cell has */
export function cellOf(
  kind: CellKind,
  inputSize: number,
  hiddenSize: number,
  strides?: RowStrides,
): Cell {
  if (!Object.hasOwn(MAKERS, kind)) {
    throw new RangeError(`a cell is one of ${CELL_KINDS.join(', ')}, was ${kind}`);
  }
  return MAKERS[kind](inputSize, hiddenSize, strides);
}
