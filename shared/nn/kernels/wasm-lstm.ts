import { denseParameterCount } from '../dense.ts';
import { I32, LANE } from './emit/function-body.ts';
import { defineRecurrence } from './emit/lstm.ts';
import { defineRecurrenceBackward } from './emit/lstm-backward.ts';
import { defineKeepFinite } from './emit/lstm-states.ts';
import { WasmModule } from './emit/wasm-module.ts';
import type { LstmKernel, LstmSize, WasmKernelName } from './kernel.ts';
import { loadLstm, planLstm } from './lstm-memory.ts';
import { MemoryPlan } from './memory-plan.ts';
import { compile, instantiate } from './web-assembly.ts';

/** The bytes of a module for one LSTM layer, and where its parts lie. */
export function emitLstm(size: LstmSize, name: WasmKernelName = 'wasm') {
  const memory = new MemoryPlan();
  const { inputSize: I, hiddenSize: H } = size;
  const gradients = memory.numbers(denseParameterCount(I + H, 4 * H));
  const plan = planLstm(memory, size, { isTrained: true, withInput: true, gradients });
  const module = new WasmModule(name === 'wasm-fma');
  const recurrence = defineRecurrence(module, plan);
  const keep = defineKeepFinite(module, plan);
  const backward = defineRecurrenceBackward(module, plan);
  const forward = module.define({ params: [I32, I32], results: [I32] }, (f) => {
    f.get(0).get(1).call(recurrence).get(0).get(1).call(keep);
  });
  module.export('forward', forward);
  module.export('backward', backward);
  return { plan, bytes: module.encode(memory.bytes) };
}

export function wasmLstm(size: LstmSize, name: WasmKernelName): LstmKernel {
  const { inputSize: I, hiddenSize: H, rows, steps, symbols } = size;
  const { plan, bytes } = emitLstm(size, name);
  const instance = instantiate(compile(bytes));
  const memory = new Float32Array(instance.memory);
  const view = (address: number, count: number): Float32Array =>
    memory.subarray(address / LANE, address / LANE + count);
  return {
    input: view(plan.input, steps * rows * I),
    state: view(plan.state, symbols * 2 * H),
    index: new Int32Array(instance.memory, plan.index, rows),
    dHidden: view(plan.dHidden, steps * rows * H),
    dState: view(plan.dState, rows * 2 * H),
    dInput: view(plan.dInput, steps * rows * I),
    gradients: view(plan.gradients, denseParameterCount(I + H, 4 * H)),
    load: (parameters) => loadLstm(memory, plan, parameters, 0),
    forward: instance.function('forward'),
    backward: instance.function('backward') as (rows: number, t: number) => void,
  };
}
