import type { Floats } from '../add-product.ts';
import type { NetworkShape } from '../network-shape.ts';

/**
 * `wasm`: vectors of four float32, deterministic, for LSTM networks. `wasm-fma`: the same with fused multiplication and addition, whose
 * bits are the machine's. `reference`: plain TypeScript, the truth.
 */
export const KERNEL_NAMES = ['wasm', 'wasm-fma', 'reference'] as const;
export type KernelName = (typeof KERNEL_NAMES)[number];
export type WasmKernelName = Exclude<KernelName, 'reference'>;

/**
 * The inner loops of a network behind one interface. Everything a kernel works on lies in arrays that it allocates itself and hands
 * out once: they stay what they are. Nothing is allocated by a call. Rows are taken in any number up to the one it was made for,
 * and a row's results have the same bits alone and among others. Sizes are checked when it is made, not at each call.
 */
export interface Kernel {
  readonly name: KernelName;
  dense(size: DenseSize): DenseKernel;
  lstm(size: LstmSize): LstmKernel;
  /** @throws RangeError for a network that this kernel does not know: see `knowsNetwork` */
  network(size: NetworkSize): NetworkKernel;
}

export interface DenseSize {
  readonly inputs: number;
  readonly outputs: number;
  /** Rows at most. */
  readonly rows: number;
}

/** y = W x + b. Parameters and gradients: outputs x inputs weights, row-major, then the biases (dense.ts). */
export interface DenseKernel {
  /** rows x inputs. */
  readonly input: Floats;
  /** rows x outputs. */
  readonly output: Floats;
  readonly dOutput: Floats;
  readonly dInput: Floats;
  readonly gradients: Floats;
  load(parameters: Floats): void;
  forward(rows: number): void;
  /** Adds to `gradients`, overwrites `dInput`; `input` must still hold what `forward` saw. */
  backward(rows: number): void;
}

export interface LstmSize {
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** Rows of one call at most. */
  readonly rows: number;
  /** Steps whose tape is kept; 1 where nothing is trained. */
  readonly steps: number;
  /** States of the arena: symbols, or rows. */
  readonly symbols: number;
}

/** A long short-term memory (cells/lstm.ts has equations and the parameters' layout); I = inputs, H = hidden units. */
export interface LstmKernel {
  /** steps x rows x I. */
  readonly input: Floats;
  /** symbols x 2H: h, then c. */
  readonly state: Floats;
  /** Row r belongs to the state with this number. No number twice among the rows of one call. */
  readonly index: Int32Array;
  /** steps x rows x H: what later layers say about each h. */
  readonly dHidden: Floats;
  /** rows x 2H: dL/d(next state), which `backward` turns into dL/d(state). */
  readonly dState: Floats;
  /** steps x rows x I, overwritten by `backward`. */
  readonly dInput: Floats;
  /** The parameters' layout; `backward` adds to it. */
  readonly gradients: Floats;
  load(parameters: Floats): void;
  /** @returns rows whose input or next state was not finite: their states keep what they held */
  forward(rows: number, t: number): number;
  backward(rows: number, t: number): void;
}

export interface NetworkSize {
  readonly shape: NetworkShape;
  /** Rows of one call at most, and steps whose tape is kept: 1 and 1 at inference. */
  readonly rows: number;
  readonly steps: number;
  /** Whether the ways back are wanted. */
  readonly isTrained: boolean;
}

/** Recurrent part and quantile head together (quantile-head.ts); parameters and gradients as parameters.ts lays them out. */
export interface NetworkKernel {
  /** S: numbers of a state. */
  readonly stateSize: number;
  /** steps x rows x I. */
  readonly input: Floats;
  /** rows x S, before and after a step. */
  readonly state: Floats;
  readonly next: Floats;
  /** rows x outputs, of the step predicted last. */
  readonly output: Floats;
  /** rows x H and rows x M: the dropout of this step. 1 at first. */
  readonly hiddenFactors: Floats;
  readonly headFactors: Floats;
  /** rows x outputs; the caller's. */
  readonly dOutput: Floats;
  readonly gradients: Floats;
  load(parameters: Floats): void;
  /** From `state` and the input of step t to `next`. @returns rows whose input or next state is not finite */
  recur(rows: number, t: number): number;
  /** From `next` and the input of step t to `output`. @returns rows whose outputs are not finite */
  predict(rows: number, t: number): number;
  /** `next` becomes `state`, finite or not. */
  keep(rows: number): void;
  /** The head in reverse, right after `predict` of step t; adds to `gradients`. */
  headBackward(rows: number, t: number): void;
  /** The recurrence in reverse, from the last of so many steps to the first; adds to `gradients`. */
  throughTime(rows: number, steps: number): void;
}
