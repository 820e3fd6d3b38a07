import { describe, expect, test } from 'vitest';
import { CELL_KINDS, type CellKind, cellOf } from '#shared/nn/cells/cell-kinds.ts';
import { traceCell } from '#shared/nn/cells/trace.ts';
import { networkCell } from '#shared/nn/network-shape.ts';
import { parameterLayout } from '#shared/nn/parameters.ts';
import { stackedCell } from '#shared/nn/stack.ts';

const PARAMETERS: Readonly<Record<CellKind, number>> = {
  lstm: 4 * 5 * (3 + 5 + 1),
  gru: 3 * 5 * (3 + 1 + 5 + 1),
  rnn: 5 * (3 + 5 + 1),
  'rnn-relu': 5 * (3 + 5 + 1),
  trace: 5 * (3 + 1 + 1),
};

test.each(CELL_KINDS)(
  '%s of 3 inputs and 5 units has the parameters and state of its kind',
  (kind) => {
    const cell = cellOf(kind, 3, 5);
    expect(cell.parameterCount).toBe(PARAMETERS[kind]);
    expect(cell.stateSize).toBe(kind === 'lstm' ? 10 : 5);
  },
);

describe.each(CELL_KINDS)('%s of sizes that do not fit', (kind) => {
  test.each([0, -1, 1.5, Number.NaN, Infinity])('a size of %s is refused by name', (size) => {
    expect(() => cellOf(kind, size, 4)).toThrow(
      new RangeError(`input size must be a whole number above 0, was ${size}`),
    );
    expect(() => cellOf(kind, 4, size)).toThrow(
      new RangeError(`hidden size must be a whole number above 0, was ${size}`),
    );
    const shape = { cell: kind, layers: size, inputSize: 3, hiddenSize: 4 };
    expect(() => networkCell(shape)).toThrow('number of layers must be a whole number above 0');
  });
});

test('a kind that nobody knows is refused with the known ones', () => {
  expect(() => cellOf('lsmt' as CellKind, 3, 4)).toThrow(
    new RangeError('a cell is one of lstm, gru, rnn, rnn-relu, trace, was lsmt'),
  );
  expect(() => cellOf('constructor' as CellKind, 3, 4)).toThrow(RangeError);
});

test('a stack needs a layer, and each layer a size', () => {
  expect(() => stackedCell(3, [])).toThrow('at least one layer');
  const layers = [4, 0].map((hiddenSize) => ({ kind: 'gru' as const, hiddenSize }));
  expect(() => stackedCell(3, layers)).toThrow('hidden size must be');
});

test('traces must be one per unit, below 1', () => {
  for (const traces of [[0.5], [0.5, 1], [0.5, -0.1], [0.5, Number.NaN]]) {
    expect(() => traceCell(3, 2, traces), `${traces}`).toThrow(RangeError);
  }
  expect(traceCell(3, 2, [0, 0.99]).parameterCount).toBe(2 * (3 + 1));
});

test('a head without units or outputs is refused', () => {
  const shape = { cell: 'rnn' as const, layers: 1, inputSize: 3, hiddenSize: 4 };
  expect(() => parameterLayout({ ...shape, headSize: 0, outputSize: 3 })).toThrow('head size');
  expect(() => parameterLayout({ ...shape, headSize: 3, outputSize: 0 })).toThrow('output size');
});
