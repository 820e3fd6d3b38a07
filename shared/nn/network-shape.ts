import { type Cell, requireWhole } from './cells/cell.ts';
import { type CellKind, cellOf } from './cells/cell-kinds.ts';
import { stackedCell } from './stack.ts';

/** Sizes of a quantile network: I inputs, H hidden units, M units in the head's hidden layer, K horizons times L levels outputs. */
export interface NetworkShape {
  readonly cell: CellKind;
  /** Cells of H units on top of each other. */
  readonly layers: number;
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly headSize: number;
  readonly outputSize: number;
}

/** The recurrent part of a network. @throws RangeError for sizes that no cell has */
export function networkCell(
  shape: Pick<NetworkShape, 'cell' | 'layers' | 'inputSize' | 'hiddenSize'>,
): Cell {
  const { cell, layers, inputSize, hiddenSize } = shape;
  requireWhole('number of layers', layers);
  if (layers === 1) return cellOf(cell, inputSize, hiddenSize);
  return stackedCell(
    inputSize,
    Array.from({ length: layers }, () => ({ kind: cell, hiddenSize })),
  );
}
