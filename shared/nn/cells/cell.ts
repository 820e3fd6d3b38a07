import type { Floats } from '../add-product.ts';

/**
 * A recurrent cell. I = input size, H = hidden size, S = state size (2H for lstm: hidden, then cell), B = rows: symbols at
 * inference (one), windows in training, taken together so that a weight is loaded once for all of them. Results do not depend
 * on B. Nothing is allocated. Sizes are the caller's duty.
 */
export interface Cell {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly stateSize: number;
  readonly parameterCount: number;
  /** Numbers of tape that one row of one step needs. */
  readonly tapeSize: number;

  /**
   * One step. `state` (B x S) becomes the next state; the tape keeps the activations that `backward` needs.
   *
   * @param at     where the cell's parameters begin
   * @param input  B x I, from `inputAt`
   * @param tapeAt the step's own B x tapeSize numbers
   */
  forward(
    rows: number,
    parameters: Floats,
    at: number,
    input: Floats,
    inputAt: number,
    state: Floats,
    stateAt: number,
    tape: Floats,
    tapeAt: number,
  ): void;

  /**
   * The same step in reverse. Adds into `gradients` (the parameters' layout); turns dL/d(next state) in `dState` (B x S) into
   * dL/d(state); adds dL/d(input) to `dInput` (B x I) where it is given, so that cells stack.
   */
  backward(
    rows: number,
    parameters: Floats,
    at: number,
    tape: Floats,
    tapeAt: number,
    dState: Floats,
    gradients: Floats,
    dInput?: Floats,
  ): void;
}
