import type { Floats } from '../add-product.ts';
import type { NetworkShape } from '../network-shape.ts';
import type { FloatsConstructor } from '../quantile-head.ts';
import type { KernelName, NetworkKernel } from './kernel.ts';
import { networkKernel } from './network-kernel.ts';
import { RecentlyUsed } from './recently-used.ts';

/** A kernel that networks of one size take turns on. */
export interface InferenceKernel {
  readonly kernel: NetworkKernel;
  /** Whose parameters lie in it: who steps next loads its own where these are others. */
  loaded: Floats | null;
}

const kept = new RecentlyUsed<InferenceKernel>();

/**
 * The kernel of one row and one step for networks of this size. They share it, since a WebAssembly memory reserves 8 GiB of
 * addresses until the collector finds it, which it is in no hurry to do, and each switch brings a new network. Between two steps
 * nothing in it is theirs but the parameters.
 *
 * @throws KernelMissingError `KERNEL_MISSING`
 */
export function inferenceKernel(
  name: KernelName,
  shape: NetworkShape,
  floats: FloatsConstructor,
): InferenceKernel {
  const { cell, layers, inputSize, hiddenSize, headSize, outputSize } = shape;
  const sizes = [layers, inputSize, hiddenSize, headSize, outputSize];
  const key = [name, cell, ...sizes, floats.name].join();
  const size = { shape, rows: 1, steps: 1, isTrained: false };
  return kept.get(key, () => ({ kernel: networkKernel(name, size, floats), loaded: null }));
}
