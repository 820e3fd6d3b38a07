import { type NetworkShape, networkCell } from '../network-shape.ts';
import { parameterLayout } from '../parameters.ts';
import { I32, LANE } from './emit/function-body.ts';
import { defineHead, defineHeadBackward } from './emit/head.ts';
import { defineRecurrence } from './emit/lstm.ts';
import { defineRecurrenceBackward } from './emit/lstm-backward.ts';
import { defineCountRefused, defineKeep } from './emit/lstm-states.ts';
import { WasmModule } from './emit/wasm-module.ts';
import { loadHead, planHead } from './head-memory.ts';
import type { NetworkKernel, NetworkSize, WasmKernelName } from './kernel.ts';
import { loadLstm, planLstm } from './lstm-memory.ts';
import { MemoryPlan } from './memory-plan.ts';
import { RecentlyUsed } from './recently-used.ts';
import { type CompiledModule, compile, instantiate } from './web-assembly.ts';

/** Whether the wasm kernel has a network of this shape: one LSTM layer. */
export function isWasmShape({ cell, layers }: NetworkShape): boolean {
  return cell === 'lstm' && layers === 1;
}

/** The bytes of a module for one network, and where its parts lie. @throws RangeError for another network than one LSTM layer */
export function emitNetwork(
  { shape, rows, steps, isTrained }: NetworkSize,
  name: WasmKernelName = 'wasm',
) {
  if (!isWasmShape(shape)) {
    throw new RangeError(
      `the wasm kernel takes one lstm layer, was ${shape.layers} of ${shape.cell}`,
    );
  }
  const { inputSize, hiddenSize } = shape;
  const layout = parameterLayout(shape);
  const memory = new MemoryPlan();
  const gradients = memory.numbers(isTrained ? layout.length : 0);
  const size = { inputSize, hiddenSize, rows, steps, symbols: rows };
  const ofCell = gradients + layout.cell.at * LANE;
  const cell = planLstm(memory, size, { isTrained, withInput: false, gradients: ofCell });
  const head = planHead(memory, shape, layout, cell, gradients);
  const module = new WasmModule(name === 'wasm-fma');
  const recurrence = defineRecurrence(module, cell);
  const count = defineCountRefused(module, cell);
  const recur = module.define({ params: [I32, I32], results: [I32] }, (f) => {
    f.get(0).get(1).call(recurrence).get(0).get(1).call(count);
  });
  module.export('recur', recur);
  module.export('predict', defineHead(module, head));
  module.export('keep', defineKeep(module, cell));
  if (isTrained) {
    module.export('headBackward', defineHeadBackward(module, head));
    module.export('cellBackward', defineRecurrenceBackward(module, cell));
  }
  return { layout, cell, head, gradients, bytes: module.encode(memory.bytes) };
}

type CompiledNetwork = Omit<ReturnType<typeof emitNetwork>, 'bytes'> & {
  readonly module: CompiledModule;
};

/** A new model has the sizes of the one before, and to emit and compile takes milliseconds at each switch. */
const kept = new RecentlyUsed<CompiledNetwork>();

function compiledNetwork(size: NetworkSize, name: WasmKernelName): CompiledNetwork {
  const { shape, rows, steps, isTrained } = size;
  const { inputSize, hiddenSize, headSize, outputSize, cell, layers } = shape;
  const sizes = [inputSize, hiddenSize, headSize, outputSize, rows, steps];
  const key = [name, cell, layers, ...sizes, isTrained].join();
  return kept.get(key, () => {
    const { bytes, ...rest } = emitNetwork(size, name);
    return { ...rest, module: compile(bytes) };
  });
}

/** @throws RangeError for another network than one LSTM layer */
export function wasmNetwork(size: NetworkSize, name: WasmKernelName): NetworkKernel {
  const { shape, rows, steps, isTrained } = size;
  const { inputSize: I, hiddenSize: H, headSize: M, outputSize: O } = shape;
  const { layout, cell, head, gradients, module } = compiledNetwork(size, name);
  const instance = instantiate(module);
  const memory = new Float32Array(instance.memory);
  const view = (address: number, count: number): Float32Array =>
    memory.subarray(address / LANE, address / LANE + count);
  const trained = (address: number, count: number): Float32Array =>
    view(address, isTrained ? count : 0);
  const dState = trained(cell.dState, rows * 2 * H);
  const index = new Int32Array(instance.memory, cell.index, rows);
  for (let r = 0; r < rows; r++) index[r] = r;
  const cellBackward = instance.function('cellBackward');
  return {
    stateSize: networkCell(shape).stateSize,
    input: view(cell.input, steps * rows * I),
    state: view(cell.state, rows * 2 * H),
    next: view(cell.next, rows * 2 * H),
    output: view(head.output, rows * O),
    hiddenFactors: view(head.hiddenFactors, rows * H).fill(1),
    headFactors: view(head.headFactors, rows * M).fill(1),
    dOutput: trained(head.dOutput, rows * O),
    gradients: trained(gradients, layout.length),
    load(parameters): void {
      loadLstm(memory, cell, parameters, layout.cell.at);
      loadHead(memory, head, layout, parameters, isTrained);
    },
    recur: instance.function('recur'),
    predict: instance.function('predict'),
    keep: instance.function('keep') as (rows: number) => void,
    headBackward: instance.function('headBackward') as (rows: number, t: number) => void,
    throughTime(count, walked): void {
      dState.fill(0);
      for (let t = walked - 1; t >= 0; t--) cellBackward(count, t);
    },
  };
}
