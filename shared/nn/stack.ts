import type { Cell } from './cells/cell.ts';
import { type CellKind, cellOf } from './cells/cell-kinds.ts';

export interface StackLayer {
  readonly kind: CellKind;
  readonly hiddenSize: number;
}

/**
 * Cells on top of each other, as one cell: the hidden numbers of a layer are the input of the next at the same step; those of the
 * last are the stack's. Parameters: the layers' one after the other, the lowest first; so too a row of state, and the tape.
 *
 * Nothing is copied between layers: a layer reads its input where the layer below has just left its state, and on the way back
 * adds dL/d(input) right onto that layer's dL/d(state).
 *
 * @throws RangeError without layers, and for sizes that no cell has
 */
export function stackedCell(inputSize: number, layers: readonly StackLayer[]): Cell {
  const top = layers.at(-1);
  if (top === undefined) throw new RangeError('a stack must have at least one layer, had none');
  const placed = placedLayers(inputSize, layers);
  const last = placed[placed.length - 1];
  const total = (sizeOf: (cell: Cell) => number): number =>
    placed.reduce((sum, { cell }) => sum + sizeOf(cell), 0);
  return {
    inputSize,
    hiddenSize: top.hiddenSize,
    stateSize: total((cell) => cell.stateSize),
    hiddenAt: last.stateAt,
    parameterCount: total((cell) => cell.parameterCount),
    tapeSize: total((cell) => cell.tapeSize),

    initialise(parameters, at, random): void {
      for (const layer of placed) layer.cell.initialise(parameters, at + layer.at, random);
    },

    forward(rows, parameters, at, input, inputAt, state, stateAt, tape, tapeAt): void {
      for (let l = 0; l < placed.length; l++) {
        const layer = placed[l];
        layer.cell.forward(
          rows,
          parameters,
          at + layer.at,
          l === 0 ? input : state,
          l === 0 ? inputAt : stateAt + placed[l - 1].stateAt,
          state,
          stateAt + layer.stateAt,
          tape,
          tapeAt + rows * layer.tapeAt,
        );
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
      for (let l = placed.length - 1; l >= 0; l--) {
        const layer = placed[l];
        layer.cell.backward(
          rows,
          parameters,
          at + layer.at,
          tape,
          tapeAt + rows * layer.tapeAt,
          dState,
          gradients,
          l === 0 ? dInput : dState,
          dStateAt + layer.stateAt,
          l === 0 ? dInputAt : dStateAt + placed[l - 1].stateAt,
        );
      }
    },
  };
}

interface PlacedLayer {
  readonly cell: Cell;
  /** Where in the stack's parameters it begins; so in a row of state, and in a row of tape. */
  readonly at: number;
  readonly stateAt: number;
  readonly tapeAt: number;
}

function placedLayers(inputSize: number, layers: readonly StackLayer[]): readonly PlacedLayer[] {
  const inputOf = (l: number): number => (l === 0 ? inputSize : layers[l - 1].hiddenSize);
  const state = layers.reduce(
    (sum, { kind, hiddenSize }, l) => sum + cellOf(kind, inputOf(l), hiddenSize).stateSize,
    0,
  );
  let end = { at: 0, stateAt: 0, tapeAt: 0 };
  return layers.map(({ kind, hiddenSize }, l) => {
    const strides = { input: l === 0 ? inputSize : state, state };
    const cell = cellOf(kind, inputOf(l), hiddenSize, strides);
    const placed = { cell, ...end };
    end = {
      at: end.at + cell.parameterCount,
      stateAt: end.stateAt + cell.stateSize,
      tapeAt: end.tapeAt + cell.tapeSize,
    };
    return placed;
  });
}
