import { PipelineError } from '#shared/errors.ts';
import type { FloatsConstructor } from '../quantile-head.ts';
import type { KernelName, NetworkKernel, NetworkSize } from './kernel.ts';
import { referenceNetwork } from './reference-network.ts';
import { isWasmShape, wasmNetwork } from './wasm-network.ts';
import { hasFusedVectors, hasVectors } from './web-assembly.ts';

/** The kernel that a run is pinned to cannot work here: its bits would not be the run's. */
export class KernelMissingError extends PipelineError {
  override readonly code = 'KERNEL_MISSING';
}

/**
 * The kernel that a network of this size runs on, in float32: the one asked for where it has the shape (`wasm`: one LSTM layer), else
 * the reference. It depends on the setting and the shape only, never on the machine: bits differ between kernels.
 *
 * @throws KernelMissingError `KERNEL_MISSING` where the host has not the vector instructions of the kernel asked for
 */
export function networkKernel(
  name: KernelName,
  size: NetworkSize,
  floats: FloatsConstructor = Float32Array,
): NetworkKernel {
  if (name === 'reference' || !isWasmShape(size.shape) || floats === Float64Array) {
    return referenceNetwork(size, floats);
  }
  if (!hasVectors()) {
    throw new KernelMissingError(
      'the wasm kernel needs a host with vector instructions (Node 16.4 or newer), this one has none',
    );
  }
  if (name === 'wasm-fma' && !hasFusedVectors()) {
    throw new KernelMissingError(
      'the wasm-fma kernel needs a host with relaxed vector instructions (Node 22 or newer), this one has none',
    );
  }
  return wasmNetwork(size, name);
}
