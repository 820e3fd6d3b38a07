import type { Floats } from '../add-product.ts';
import type { Cell } from '../cells/cell.ts';
import { denseParameterCount } from '../dense.ts';
import type { Random } from '../random.ts';

/**
 * A cell and a dense readout: o = W h' + b, with O outputs. Parameters: the cell's, then O x H weights, row-major, then O biases.
 * The production network has its own, larger head: shared/nn/quantile-head.ts.
 */
export interface SequenceModel {
  readonly cell: Cell;
  /** O; 0 where nothing is read: an encoder. */
  readonly outputSize: number;
  /** Where the readout's parameters begin, counted from the model's. */
  readonly readoutAt: number;
  readonly parameterCount: number;
}

export function sequenceModel(cell: Cell, outputSize: number): SequenceModel {
  return {
    cell,
    outputSize,
    readoutAt: cell.parameterCount,
    parameterCount: cell.parameterCount + denseParameterCount(cell.hiddenSize, outputSize),
  };
}

/** Writes an untrained model: the cell as it likes, the readout's weights within 1 / sqrt(H), its biases 0. */
export function initialiseModel(
  { cell, outputSize, readoutAt }: SequenceModel,
  parameters: Floats,
  at: number,
  random: Random,
): void {
  cell.initialise(parameters, at, random);
  const weights = outputSize * cell.hiddenSize;
  const bound = 1 / Math.sqrt(cell.hiddenSize);
  for (let k = 0; k < weights; k++) {
    parameters[at + readoutAt + k] = (2 * random.next() - 1) * bound;
  }
  for (let k = 0; k < outputSize; k++) parameters[at + readoutAt + weights + k] = 0;
}
