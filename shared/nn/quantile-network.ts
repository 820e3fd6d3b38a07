import type { Floats } from './add-product.ts';
import type { Cell } from './cells/cell.ts';
import { type NetworkShape, networkCell } from './network-shape.ts';
import type { ParameterLayout } from './parameters.ts';
import { parameterLayout } from './parameters.ts';
import { type HeadTape, headForward, headTape } from './quantile-head.ts';

export type { NetworkShape } from './network-shape.ts';

/**
 * The network at inference: recurrent layers and the quantile head, one symbol and one tick at a time. All symbols share the
 * parameters; each brings its own state. Buffers are reused, a step allocates nothing. Training: tbptt.ts, on the same kernels.
 */
export class QuantileNetwork {
  readonly shape: NetworkShape;
  private readonly parameters: Floats;
  private readonly layout: ParameterLayout;
  private readonly cell: Cell;
  private readonly nextState: Floats;
  private readonly cellTape: Floats;
  private readonly tape: HeadTape;

  /** @param parameters laid out as `parameterLayout(shape)` says; read at every step, never written */
  constructor(shape: NetworkShape, parameters: Floats) {
    this.shape = shape;
    this.parameters = parameters;
    this.layout = parameterLayout(shape);
    if (parameters.length !== this.layout.length) {
      throw new RangeError(
        `parameters were ${parameters.length}, the shape needs ${this.layout.length}`,
      );
    }
    const floats = parameters instanceof Float64Array ? Float64Array : Float32Array;
    this.cell = networkCell(shape);
    this.nextState = new floats(this.cell.stateSize);
    this.cellTape = new floats(this.cell.tapeSize);
    this.tape = headTape(shape, 1, floats);
  }

  /** Numbers of a symbol's state: 2H of an LSTM layer (h, then c), H of the others. */
  get stateSize(): number {
    return this.cell.stateSize;
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
    const { nextState, tape } = this;
    if (!this.fold(input, inputAt, state, stateAt)) return false;
    const { hiddenSize, inputSize } = this.shape;
    const { hiddenAt } = this.cell;
    for (let k = 0; k < hiddenSize; k++) tape.joined[k] = nextState[hiddenAt + k];
    for (let k = 0; k < inputSize; k++) tape.joined[hiddenSize + k] = input[inputAt + k];
    headForward(1, this.shape, this.layout, this.parameters, tape, null);
    if (!allFinite(tape.output, 0, tape.output.length)) return false;
    copy(nextState, state, stateAt);
    copy(tape.output, output, outputAt);
    return true;
  }

  /** The recurrence alone, where no forecast is wanted: the same next state as `step`. Outputs are not checked. */
  carry(input: Floats, inputAt: number, state: Floats, stateAt: number): boolean {
    if (!this.fold(input, inputAt, state, stateAt)) return false;
    copy(this.nextState, state, stateAt);
    return true;
  }

  private fold(input: Floats, inputAt: number, state: Floats, stateAt: number): boolean {
    const { nextState, cellTape } = this;
    // A gate is finite even of an infinite input, so the next state alone would not tell.
    if (!allFinite(input, inputAt, this.shape.inputSize)) return false;
    for (let k = 0; k < nextState.length; k++) nextState[k] = state[stateAt + k];
    this.cell.forward(
      1,
      this.parameters,
      this.layout.cell.at,
      input,
      inputAt,
      nextState,
      0,
      cellTape,
      0,
    );
    return allFinite(nextState, 0, nextState.length);
  }
}

function allFinite(values: Floats, at: number, count: number): boolean {
  // One NaN or infinity makes x - x differ from 0.
  let sum = 0;
  for (let k = at; k < at + count; k++) sum += values[k] - values[k];
  return sum === 0;
}

function copy(from: Floats, to: Floats, at: number): void {
  for (let k = 0; k < from.length; k++) to[at + k] = from[k];
}
