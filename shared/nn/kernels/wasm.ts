import type { Kernel, WasmKernelName } from './kernel.ts';
import { wasmDense } from './wasm-dense.ts';
import { wasmLstm } from './wasm-lstm.ts';
import { wasmNetwork } from './wasm-network.ts';

/**
 * Modules that are emitted at start for the sizes at hand: vectors of four float32. `wasm`: f32x4.mul and f32x4.add only, no relaxed
 * SIMD. `wasm-fma`: f32x4.relaxed_madd in their place.
 */
export function wasmKernel(name: WasmKernelName = 'wasm'): Kernel {
  return {
    name,
    dense: (size) => wasmDense(size, name),
    lstm: (size) => wasmLstm(size, name),
    network: (size) => wasmNetwork(size, name),
  };
}
