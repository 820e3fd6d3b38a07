import { Activations } from './activations.ts';
import { forwardShape, rowsOf } from './dense-shapes.ts';
import { LANE } from './function-body.ts';
import {
  eachGroup,
  GATE_BYTES,
  type LstmPlan,
  PANEL_BYTES,
  PANEL_UNITS,
  sizesOf,
} from './lstm-plan.ts';
import { defineGather } from './lstm-states.ts';
import { defineProduct } from './product.ts';
import type { WasmModule } from './wasm-module.ts';

/** Rows that are multiplied before their gates are activated: so many gates stay near. */
const BLOCK_ROWS = 48;
/** The place of the candidate among the gates: the one that is a tanh. */
const CANDIDATE = 2;

/** Defines (rows, t): gathers states by index, leaves the next states in `next` and the tape of step t. */
export function defineRecurrence(module: WasmModule, plan: LstmPlan): number {
  const { inputSize, rows } = plan;
  const { H, hiddenBytes, stateBytes, panelStride, panels } = sizesOf(plan);
  const gather = defineGather(module, plan);
  const product = defineProduct(module, {
    ...forwardShape(panels * 4 * PANEL_UNITS, [rowsOf(inputSize), rowsOf(H)], PANEL_BYTES),
    cPanelBytes: panelStride,
  });
  const activate = defineActivate(module, plan);
  const names = ['input', 'hidden', 'cell', 'squashed', 'gates'] as const;
  const rowBytes = [inputSize * LANE, hiddenBytes, hiddenBytes, hiddenBytes, PANEL_BYTES];
  return module.routine(2, (f) => {
    const [x, h, c, s, z] = names.map((name, k) => {
      const local = f.local();
      const stepBytes = name === 'gates' ? panels * panelStride : rows * rowBytes[k];
      f.address(plan[name], 1, stepBytes).set(local);
      return local;
    });
    const [next, count] = [f.local(), f.local()];
    f.get(0).get(h).get(c).call(gather).i32(plan.next).set(next);
    const block = (): void => {
      f.get(count).i32(0).get(z).i32(plan.weights).get(x).get(h).call(product);
      f.get(count).get(z).get(c).get(s).get(next).call(activate);
    };
    f.i32(BLOCK_ROWS).set(count);
    f.whileAtLeast(0, BLOCK_ROWS, () => {
      block();
      for (const [k, local] of [x, h, c, s, z].entries()) {
        f.advance(local, BLOCK_ROWS * rowBytes[k]);
      }
      f.advance(next, BLOCK_ROWS * stateBytes);
    });
    f.get(0).set(count);
    f.get(0).ifNotZero(block);
  });
}

/**
 * Defines (rows, gates, c, squashed, next): i, f, o = sigmoid, g = tanh, c' = f c + i g, h' = o tanh(c'), four units at a time.
 * Where a tape is kept, the activated gates take the places of their sums.
 */
function defineActivate(module: WasmModule, plan: LstmPlan): number {
  const { hiddenBytes, stateBytes } = sizesOf(plan);
  return module.routine(5, (f) => {
    const activations = new Activations(module, f);
    const moves = [PANEL_BYTES, hiddenBytes, hiddenBytes, stateBytes];
    eachGroup(f, plan, moves, ([z, c, s, next], at, lanes) => {
      const [i, forget, g, o, cell, squashed] = f.vectors(6);
      const activateGate = (gate: number, local: number): void => {
        f.get(z).load(gate * GATE_BYTES + at);
        if (gate === CANDIDATE) activations.tanh();
        else activations.sigmoid();
        f.set(local);
        if (plan.isTrained) f.store(z, local, gate * GATE_BYTES + at);
      };
      for (const [gate, local] of [i, forget, g, o].entries()) activateGate(gate, local);
      f.plusProduct(
        () => f.get(forget).get(c).load(at).mul(),
        () => f.get(i),
        () => f.get(g),
      ).tee(cell);
      activations.tanh();
      f.set(squashed);
      if (plan.isTrained) f.store(s, squashed, at, lanes);
      f.store(next, cell, hiddenBytes + at, lanes);
      f.get(o).get(squashed).mul().set(squashed).store(next, squashed, at, lanes);
    });
  });
}
