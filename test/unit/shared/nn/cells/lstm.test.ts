import { expect, test } from 'vitest';
import { lstmCell } from '#shared/nn/cells/lstm.ts';
import { cellContract } from '#test/contract/cell.contract.ts';

cellContract('lstm', lstmCell);

test('a step agrees with the textbook formulas: test/golden/lstm.py', () => {
  const cell = lstmCell(2, 2);
  const parameters = Float64Array.from(
    { length: cell.parameterCount },
    (_, k) => 0.8 * Math.sin(1 + 1.7 * k),
  );
  const state = Float64Array.of(0.25, -0.5, 0.75, -0.125);
  const tape = new Float64Array(cell.tapeSize);
  cell.forward(1, parameters, 0, Float64Array.of(0.3, -1.2), 0, state, 0, tape, 0);
  const golden = [0.3409360069436396, 0.13668342631451255, 0.5774436198417403, 0.44996776260659366];
  for (const [k, value] of golden.entries()) expect(state[k]).toBeCloseTo(value, 14);
});
