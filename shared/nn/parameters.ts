import { requireWhole } from './cells/cell.ts';
import { denseParameterCount } from './dense.ts';
import { type NetworkShape, networkCell } from './network-shape.ts';

/**
 * Bumped when the order or the layout of the slices below changes; an artefact of another version is refused. Which cell fills its
 * slice is said by the shape.
 */
export const PARAMETER_LAYOUT_VERSION = 1;

/** One part of the flat parameters: `length` numbers from `at`. */
export interface Slice {
  readonly at: number;
  readonly length: number;
}

/** Where each part of a network sits in its one array. Every part but the cell is a dense block: weights row-major, then biases. */
export interface ParameterLayout {
  /** The recurrent part: see the cell's own file, and stack.ts for layers. */
  readonly cell: Slice;
  /** W1, b1: outputs x (H + I), the straight way from [h; x] to the outputs. */
  readonly direct: Slice;
  /** W2, b2: M x (H + I). */
  readonly hidden: Slice;
  /** W3, b3: outputs x M. */
  readonly output: Slice;
  /** Numbers in all. */
  readonly length: number;
}

/** @throws RangeError for a shape that no network has */
export function parameterLayout(shape: NetworkShape): ParameterLayout {
  const { inputSize, hiddenSize, headSize, outputSize } = shape;
  requireWhole('head size', headSize);
  requireWhole('output size', outputSize);
  const joined = hiddenSize + inputSize;
  let end = 0;
  const next = (length: number): Slice => {
    const slice = { at: end, length };
    end += length;
    return slice;
  };
  const cell = next(networkCell(shape).parameterCount);
  const direct = next(denseParameterCount(joined, outputSize));
  const hidden = next(denseParameterCount(joined, headSize));
  const output = next(denseParameterCount(headSize, outputSize));
  return { cell, direct, hidden, output, length: end };
}
