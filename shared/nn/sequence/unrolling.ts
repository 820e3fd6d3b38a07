import type { Floats } from '../add-product.ts';
import { copyRows } from '../cells/copy-rows.ts';
import { denseBackwardInput, denseBackwardParameters, denseForward } from '../dense.ts';
import type { FloatsConstructor } from '../quantile-head.ts';
import type { SequenceModel } from './sequence-model.ts';

export interface UnrollingOptions {
  readonly model: SequenceModel;
  /** Where the model's parameters begin. */
  readonly at: number;
  /** B sequences that are walked together. */
  readonly rows: number;
  /** How many of the newest steps are kept; step t lies in place t mod this. */
  readonly kept: number;
  /** Whether a step may be walked back more than once: its tape is then copied before the cell uses it up. */
  readonly again: boolean;
  readonly floats: FloatsConstructor;
}

/** A model laid out over time, one step at a time: what every sequence mode is made of. Derivation: docs/derivations/bptt.md. */
export class Unrolling {
  /** B x S, after the newest step. */
  readonly state: Floats;
  /** kept x B x O. */
  readonly output: Floats;
  /** dL/d(output), kept x B x O: the loss writes it, and a closed loop adds to it. */
  readonly dOutput: Floats;
  private readonly options: UnrollingOptions;
  /** kept x B x H: h' of each step, the readout's input. */
  private readonly hidden: Floats;
  private readonly dHidden: Floats;
  private readonly tape: Floats;
  private readonly tapeCopy: Floats;
  /** kept: 1 where a step was read and its readout not walked back yet. */
  private readonly isRead: Uint8Array;

  constructor(options: UnrollingOptions) {
    const { model, rows: B, kept, again, floats } = options;
    const { cell, outputSize: O } = model;
    this.options = options;
    this.state = new floats(B * cell.stateSize);
    this.output = new floats(kept * B * O);
    this.dOutput = new floats(kept * B * O);
    this.hidden = new floats(kept * B * cell.hiddenSize);
    this.dHidden = new floats(B * cell.hiddenSize);
    this.tape = new floats(kept * B * cell.tapeSize);
    this.tapeCopy = new floats(again ? B * cell.tapeSize : 0);
    this.isRead = new Uint8Array(kept);
  }

  /** Where step t lies in `output` and `dOutput`. */
  outputAt(t: number): number {
    return this.place(t) * this.options.rows * this.options.model.outputSize;
  }

  /** The cell's step t; `input` is B x I from `inputAt`, in a closed loop `output` itself. */
  forward(t: number, parameters: Floats, input: Floats, inputAt: number): void {
    const { model, at, rows: B } = this.options;
    const { cell } = model;
    const { tapeSize, stateSize: S, hiddenSize: H } = cell;
    const place = this.place(t);
    const { state, tape } = this;
    cell.forward(B, parameters, at, input, inputAt, state, 0, tape, place * B * tapeSize);
    copyRows(B, state, cell.hiddenAt, S, this.hidden, place * B * H, H, H);
    this.isRead[place] = 0;
  }

  /** The readout of step t, after its `forward`. */
  read(t: number, parameters: Floats): void {
    const { model, at, rows: B } = this.options;
    const { cell, outputSize: O, readoutAt } = model;
    const H = cell.hiddenSize;
    const from = this.place(t) * B * H;
    const to = this.outputAt(t);
    denseForward(B, H, O, parameters, at + readoutAt, this.hidden, from, this.output, to);
    this.isRead[this.place(t)] = 1;
  }

  /**
   * Step t in reverse: first its readout, once, where it was read; then the cell. Adds into `gradients`.
   *
   * @param dState dL/d(state after t), B x S; becomes dL/d(state before t)
   * @param dInput where dL/d(input of t) is added, from `dInputAt`; absent: not asked for
   */
  backward(
    t: number,
    parameters: Floats,
    gradients: Floats,
    dState: Floats,
    dInput?: Floats,
    dInputAt = 0,
  ): void {
    const { model, at, rows: B, again } = this.options;
    const { cell } = model;
    if (this.isRead[this.place(t)] === 1) this.readBackward(t, parameters, gradients, dState);
    const size = B * cell.tapeSize;
    const from = this.place(t) * size;
    const tape = again ? this.tapeCopy : this.tape;
    const tapeAt = again ? 0 : from;
    if (again) for (let k = 0; k < size; k++) tape[k] = this.tape[from + k];
    cell.backward(B, parameters, at, tape, tapeAt, dState, gradients, dInput, 0, dInputAt);
  }

  private readBackward(t: number, parameters: Floats, gradients: Floats, dState: Floats): void {
    const { model, at: modelAt, rows: B } = this.options;
    const { cell, outputSize: O } = model;
    const { hiddenSize: H, hiddenAt, stateSize: S } = cell;
    const { hidden, dHidden, dOutput } = this;
    const at = modelAt + model.readoutAt;
    const dAt = this.outputAt(t);
    denseBackwardParameters(B, H, O, hidden, this.place(t) * B * H, dOutput, dAt, gradients, at);
    dHidden.fill(0);
    denseBackwardInput(B, H, O, H, parameters, at, dOutput, dAt, dHidden, 0);
    for (let b = 0; b < B; b++) {
      for (let k = 0; k < H; k++) dState[b * S + hiddenAt + k] += dHidden[b * H + k];
    }
    this.isRead[this.place(t)] = 0;
  }

  private place(t: number): number {
    return t % this.options.kept;
  }
}
