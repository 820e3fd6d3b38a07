import { type FunctionBody, I32, LANE } from './function-body.ts';
import { type LstmPlan, sizesOf } from './lstm-plan.ts';
import { defineCopy, defineFinite } from './rows.ts';
import type { WasmModule } from './wasm-module.ts';

/** Defines (rows, h, c): copies each row's state from the arena to the tape. */
export function defineGather(module: WasmModule, plan: LstmPlan): number {
  const { H, hiddenBytes } = sizesOf(plan);
  const copy = defineCopy(module, H);
  return module.routine(3, (f) => {
    const [index, from] = [f.local(), f.local()];
    f.i32(plan.index).set(index);
    f.countDown(0, () => {
      stateOf(f, plan, index).set(from);
      f.get(1).get(from).call(copy);
      f.get(2).get(from).i32(hiddenBytes).addI32().call(copy);
      f.advance(1, hiddenBytes).advance(2, hiddenBytes).advance(index, LANE);
    });
  });
}

/** Defines (rows, t) -> rows whose input or next state is not finite; of the others the next states become states. */
export function defineKeepFinite(module: WasmModule, plan: LstmPlan): number {
  const copy = defineCopy(module, 2 * plan.hiddenSize);
  return eachSound(module, plan, (f, index, next) => {
    stateOf(f, plan, index).get(next).call(copy);
  });
}

/** Defines (rows, t) -> rows whose input or next state is not finite. */
export function defineCountRefused(module: WasmModule, plan: LstmPlan): number {
  return eachSound(module, plan, () => undefined);
}

function eachSound(
  module: WasmModule,
  plan: LstmPlan,
  body: (f: FunctionBody, index: number, next: number) => void,
): number {
  const { inputSize, hiddenSize, rows } = plan;
  const judgeState = defineFinite(module, 2 * hiddenSize);
  // A gate is finite even of an infinite input, so the next state alone would not tell.
  const judgeInput = defineFinite(module, inputSize);
  const inputBytes = inputSize * LANE;
  return module.define({ params: [I32, I32], results: [I32] }, (f) => {
    const [refused, input] = [f.local(), f.local()];
    f.address(plan.input, 1, rows * inputBytes).set(input);
    eachNext(f, plan, (index, next) => {
      f.get(next).call(judgeState).get(input).call(judgeInput).multiplyI32();
      f.ifNotZero(
        () => body(f, index, next),
        () => f.advance(refused, 1),
      );
      f.advance(input, inputBytes);
    });
    f.get(refused);
  });
}

/** Defines (rows): next states become states, finite or not. */
export function defineKeep(module: WasmModule, plan: LstmPlan): number {
  const copy = defineCopy(module, 2 * plan.hiddenSize);
  return module.routine(1, (f) => {
    eachNext(f, plan, (index, next) => stateOf(f, plan, index).get(next).call(copy));
  });
}

function eachNext(
  f: FunctionBody,
  plan: LstmPlan,
  body: (index: number, next: number) => void,
): void {
  const [index, next] = [f.local(), f.local()];
  f.i32(plan.index).set(index).i32(plan.next).set(next);
  f.countDown(0, () => {
    body(index, next);
    f.advance(next, sizesOf(plan).stateBytes).advance(index, LANE);
  });
}

/** Puts the address of the state that the row belongs to. */
function stateOf(f: FunctionBody, plan: LstmPlan, index: number): FunctionBody {
  const { stateBytes } = sizesOf(plan);
  return f.get(index).loadI32(0).i32(stateBytes).multiplyI32().i32(plan.state).addI32();
}
