import type { Floats } from './add-product.ts';
import { type InferenceKernel, inferenceKernel } from './kernels/inference-kernel.ts';
import type { KernelName } from './kernels/kernel.ts';
import type { NetworkShape } from './network-shape.ts';
import { parameterLayout } from './parameters.ts';

export type { NetworkShape } from './network-shape.ts';

/**
 * The network at inference: recurrent layers and the quantile head, one symbol and one tick at a time. All symbols share the
 * parameters; each brings its own state. Buffers are reused, also by other networks of the size; a step allocates nothing. Training:
 * tbptt.ts, on a kernel of its own.
 */
export class QuantileNetwork {
  readonly shape: NetworkShape;
  private readonly parameters: Floats;
  private readonly shared: InferenceKernel;

  /**
   * @param parameters laid out as `parameterLayout(shape)` says; copied
   * @param kernel     where the shape is one that it has; float64 parameters run on the reference
   * @throws RangeError for parameters of another length, KernelMissingError `KERNEL_MISSING`
   */
  constructor(shape: NetworkShape, parameters: Floats, kernel: KernelName = 'wasm') {
    this.shape = shape;
    const needed = parameterLayout(shape).length;
    if (parameters.length !== needed) {
      throw new RangeError(`parameters were ${parameters.length}, the shape needs ${needed}`);
    }
    const floats = parameters instanceof Float64Array ? Float64Array : Float32Array;
    this.parameters = new floats(parameters);
    this.shared = inferenceKernel(kernel, shape, floats);
  }

  /** Numbers of a symbol's state: 2H of an LSTM layer (h, then c), H of the others. */
  get stateSize(): number {
    return this.shared.kernel.stateSize;
  }

  /**
   * Folds one input into a state and gives the quantiles that follow.
   *
   * @param input  I numbers from `inputAt`
   * @param state  `stateSize` numbers from `stateAt`; replaced as a whole, or not at all
   * @param output K x L numbers from `outputAt`, in scales, not sorted; untouched on false
   * @returns false where a number of the input, the new state or the outputs was not finite: state and output keep what they held
   */
  step(
    input: Floats,
    inputAt: number,
    state: Floats,
    stateAt: number,
    output: Floats,
    outputAt: number,
  ): boolean {
    const { kernel } = this.shared;
    if (!this.fold(input, inputAt, state, stateAt)) return false;
    if (kernel.predict(1, 0) > 0) return false;
    copy(kernel.next, state, stateAt);
    copy(kernel.output, output, outputAt);
    return true;
  }

  /** The recurrence alone, where no forecast is wanted: the same next state as `step`. Outputs are not checked. */
  carry(input: Floats, inputAt: number, state: Floats, stateAt: number): boolean {
    if (!this.fold(input, inputAt, state, stateAt)) return false;
    copy(this.shared.kernel.next, state, stateAt);
    return true;
  }

  private fold(input: Floats, inputAt: number, state: Floats, stateAt: number): boolean {
    const { shared, parameters } = this;
    const { kernel } = shared;
    if (shared.loaded !== parameters) {
      kernel.load(parameters);
      shared.loaded = parameters;
    }
    for (let k = 0; k < kernel.input.length; k++) kernel.input[k] = input[inputAt + k];
    for (let k = 0; k < kernel.state.length; k++) kernel.state[k] = state[stateAt + k];
    return kernel.recur(1, 0) === 0;
  }
}

function copy(from: Floats, to: Floats, at: number): void {
  for (let k = 0; k < from.length; k++) to[at + k] = from[k];
}
