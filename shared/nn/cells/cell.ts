import type { Floats } from '../add-product.ts';
import type { Random } from '../random.ts';

/**
 * A recurrent cell. I = input size, H = hidden size, S = state size (2H for lstm: h, then c), B = rows: symbols at
 * inference (one), windows in training, taken together so that a weight is loaded once for all of them. Results do not depend
 * on B. Nothing is allocated. Sizes are the caller's duty.
 */
export interface Cell {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly stateSize: number;
  /** Where in a row of state the H hidden numbers begin, which are the cell's output: 0 but for stacks. */
  readonly hiddenAt: number;
  readonly parameterCount: number;
  /** Numbers of tape that one row of one step needs. */
  readonly tapeSize: number;

  /** Writes the parameters of an untrained cell, the same for the same draws. */
  initialise(parameters: Floats, at: number, random: Random): void;

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
   * The same step in reverse; the tape is used up. Adds into `gradients` (the parameters' layout) unless null; turns dL/d(next state) in
   * `dState` (B x S) into dL/d(state); adds dL/d(input) to `dInput` (B x I) where it is given, so that cells stack.
   *
   * @param dStateAt where dState begins, 0 if not said; so too `dInputAt`
   */
  backward(
    rows: number,
    parameters: Floats,
    at: number,
    tape: Floats,
    tapeAt: number,
    dState: Floats,
    gradients: Floats | null,
    dInput?: Floats,
    dStateAt?: number,
    dInputAt?: number,
  ): void;
}

/**
 * Distance from row to row in the arrays of a cell (dInput has input's, dState has state's). They lie side by side, but in a
 * stack the layers share one array of states: stack.ts.
 */
export interface RowStrides {
  readonly input: number;
  readonly state: number;
}

/** @throws RangeError where a size is not a whole number above 0 */
export function requireSizes(inputSize: number, hiddenSize: number): void {
  requireWhole('input size', inputSize);
  requireWhole('hidden size', hiddenSize);
}

/** @throws RangeError */
export function requireWhole(name: string, size: number): void {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new RangeError(`${name} must be a whole number above 0, was ${size}`);
  }
}
