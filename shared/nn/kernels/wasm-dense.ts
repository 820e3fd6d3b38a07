import type { Floats } from '../add-product.ts';
import { denseParameterCount } from '../dense.ts';
import {
  BACKWARD_PANEL,
  backwardShape,
  defineColumnSums,
  FORWARD_PANEL,
  forwardShape,
  gradientShape,
  rowsOf,
} from './emit/dense-shapes.ts';
import { LANE } from './emit/function-body.ts';
import { defineProduct } from './emit/product.ts';
import { WasmModule } from './emit/wasm-module.ts';
import type { DenseKernel, DenseSize, WasmKernelName } from './kernel.ts';
import { MemoryPlan } from './memory-plan.ts';
import { packedCount, packRows } from './pack.ts';
import { compile, instantiate } from './web-assembly.ts';

function planDense({ inputs, outputs, rows }: DenseSize) {
  const plan = new MemoryPlan();
  return {
    input: plan.numbers(rows * inputs),
    output: plan.numbers(rows * outputs),
    dOutput: plan.numbers(rows * outputs),
    dInput: plan.numbers(rows * inputs),
    gradients: plan.numbers(denseParameterCount(inputs, outputs)),
    forward: plan.numbers(packedCount(outputs, 1 + inputs)),
    backward: plan.numbers(packedCount(inputs, outputs)),
    bytes: plan.bytes,
  };
}

/** The bytes of a module for one dense layer. */
export function emitDense(size: DenseSize, name: WasmKernelName = 'wasm'): Uint8Array<ArrayBuffer> {
  const { inputs, outputs } = size;
  const at = planDense(size);
  const module = new WasmModule(name === 'wasm-fma');
  const forward = defineProduct(module, forwardShape(outputs, [rowsOf(inputs)]));
  const backward = defineProduct(module, backwardShape(inputs, [rowsOf(outputs)]));
  const [inputBytes, outputBytes] = [inputs * LANE, outputs * LANE];
  const gradient = defineProduct(
    module,
    gradientShape(inputs, inputBytes, outputBytes, inputBytes),
  );
  const sums = defineColumnSums(module, outputs, outputBytes);
  const forwardCall = module.routine(1, (f) => {
    f.get(0).i32(0).i32(at.output).i32(at.forward).i32(at.input).call(forward);
  });
  const backwardCall = module.routine(1, (f) => {
    f.get(0).i32(0).i32(at.dInput).i32(at.backward).i32(at.dOutput).call(backward);
    f.i32(outputs).get(0).i32(at.gradients).i32(at.input).i32(at.dOutput).call(gradient);
    f.get(0)
      .i32(at.dOutput)
      .i32(at.gradients + outputs * inputBytes)
      .call(sums);
  });
  module.export('forward', forwardCall);
  module.export('backward', backwardCall);
  return module.encode(at.bytes);
}

export function wasmDense(size: DenseSize, name: WasmKernelName): DenseKernel {
  const { inputs, outputs, rows } = size;
  const at = planDense(size);
  const instance = instantiate(compile(emitDense(size, name)));
  const memory = new Float32Array(instance.memory);
  const view = (address: number, count: number): Float32Array =>
    new Float32Array(instance.memory, address, count);
  const forwardB = {
    at: at.forward / LANE,
    columns: outputs,
    panelColumns: FORWARD_PANEL,
    steps: 1 + inputs,
  };
  const backwardB = {
    at: at.backward / LANE,
    columns: inputs,
    panelColumns: BACKWARD_PANEL,
    steps: outputs,
  };
  return {
    input: view(at.input, rows * inputs),
    output: view(at.output, rows * outputs),
    dOutput: view(at.dOutput, rows * outputs),
    dInput: view(at.dInput, rows * inputs),
    gradients: view(at.gradients, denseParameterCount(inputs, outputs)),
    load(parameters: Floats): void {
      const bias = { step: 0, depth: 1, at: outputs * inputs, stepStride: 0, columnStride: 1 };
      packRows(memory, forwardB, parameters, bias);
      const weights = { step: 1, depth: inputs, at: 0, stepStride: 1, columnStride: inputs };
      packRows(memory, forwardB, parameters, weights);
      const turned = { step: 0, depth: outputs, at: 0, stepStride: inputs, columnStride: 1 };
      packRows(memory, backwardB, parameters, turned);
    },
    forward: instance.function('forward') as (rows: number) => void,
    backward: instance.function('backward') as (rows: number) => void,
  };
}
