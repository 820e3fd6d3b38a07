import { CELL_KINDS, cellOf } from '#shared/nn/cells/cell-kinds.ts';
import { traceCell } from '#shared/nn/cells/trace.ts';
import { stackedCell } from '#shared/nn/stack.ts';
import { cellContract } from '#test/contract/cell.contract.ts';

for (const kind of CELL_KINDS) {
  cellContract(kind, (I, H) => cellOf(kind, I, H));
  cellContract(`a stack of ${kind}`, (I, H) =>
    stackedCell(I, [
      { kind, hiddenSize: 3 },
      { kind, hiddenSize: H },
    ]),
  );
}
cellContract('a stack of three kinds', (I, H) =>
  stackedCell(I, [
    { kind: 'gru', hiddenSize: 2 },
    { kind: 'lstm', hiddenSize: 3 },
    { kind: 'trace', hiddenSize: H },
  ]),
);
cellContract('trace of given constants', (I, H) =>
  traceCell(
    I,
    H,
    Array.from({ length: H }, (_, k) => k / H),
  ),
);
