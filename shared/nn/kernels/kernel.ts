import type { Floats } from '../add-product.ts';

/** `reference`: plain TypeScript, the truth. `wasm`: vectors of four float32, deterministic, for LSTM networks. */
export type KernelName = 'wasm' | 'reference';

/**
 * The inner loops of a network behind one interface. Everything a kernel works on lies in arrays that it allocates itself and hands
 * out once: they stay what they are. Nothing is allocated by a call. Rows are taken in any number up to the one it was made for,
 * and a row's results have the same bits alone and among others. Sizes are checked when it is made, not at each call.
 */
export interface Kernel {
  readonly name: KernelName;
  dense(size: DenseSize): DenseKernel;
  lstm(size: LstmSize): LstmKernel;
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
