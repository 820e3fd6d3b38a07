import type { Kernel } from './kernel.ts';
import { wasmDense } from './wasm-dense.ts';
import { wasmLstm } from './wasm-lstm.ts';
import { wasmNetwork } from './wasm-network.ts';

/** Modules that are emitted at start for the sizes at hand: vectors of four float32, f32x4.mul and f32x4.add only, no relaxed SIMD. */
export function wasmKernel(): Kernel {
  return { name: 'wasm', dense: wasmDense, lstm: wasmLstm, network: wasmNetwork };
}
