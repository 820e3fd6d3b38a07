import type { Floats } from '../add-product.ts';
import { type Loss, lossSum } from '../losses/loss.ts';
import { countOf, type ModeOptions, type SequenceMode, targetsPerStep } from './sequence-mode.ts';
import { Unrolling } from './unrolling.ts';

export interface BpttOptions extends ModeOptions {
  /** T. */
  readonly steps: number;
  /** Steps with an input of their own; each later one is fed the output before it (closed loop). */
  readonly given: number;
  /** The first step that is read. */
  readonly readFrom: number;
  /** Where the model's parameters begin; 0 if not said. */
  readonly at?: number;
}

/**
 * Back-propagation through all T steps (Werbos 1990; Rumelhart, Hinton & Williams 1986) for every mode that walks one model:
 * `given` and `readFrom` tell them apart (sequence-modes.ts). In a closed loop the gradient also runs from an input back into the
 * output that it was. Derivation: docs/derivations/bptt.md.
 */
export class Bptt implements SequenceMode {
  readonly input: Floats;
  readonly target: Floats;
  readonly mask: Uint8Array;
  readonly output: Floats;
  /** B x S: the state before the first step, zero until the caller says else. */
  readonly start: Floats;
  /** B x S: dL/d(start) of the last `train`. */
  readonly dStart: Floats;
  private readonly options: BpttOptions & { readonly at: number };
  private readonly unrolling: Unrolling;
  private readonly K: number;
  private readonly loss: Loss;

  constructor(options: BpttOptions) {
    const { model, rows: B, steps, given, readFrom, loss, at = 0, floats = Float32Array } = options;
    const { cell, outputSize: O } = model;
    requireLoop(options);
    this.options = { ...options, at };
    this.loss = loss;
    this.K = targetsPerStep(model, loss);
    this.unrolling = new Unrolling({ model, at, rows: B, kept: steps, again: false, floats });
    this.input = new floats(given * B * cell.inputSize);
    this.target = new floats((steps - readFrom) * B * this.K);
    this.mask = new Uint8Array(this.target.length).fill(1);
    this.output = this.unrolling.output.subarray(readFrom * B * O);
    this.start = new floats(B * cell.stateSize);
    this.dStart = new floats(B * cell.stateSize);
  }

  /** B x S: the state after the last step. */
  get state(): Floats {
    return this.unrolling.state;
  }

  forward(parameters: Floats): void {
    const { model, rows: B, steps, given, readFrom } = this.options;
    const { unrolling } = this;
    unrolling.state.set(this.start);
    for (let t = 0; t < steps; t++) {
      if (t < given) unrolling.forward(t, parameters, this.input, t * B * model.cell.inputSize);
      else unrolling.forward(t, parameters, unrolling.output, unrolling.outputAt(t - 1));
      if (t >= readFrom) unrolling.read(t, parameters);
    }
  }

  train(parameters: Floats, gradients: Floats): number {
    gradients.fill(0);
    this.dStart.fill(0);
    this.forward(parameters);
    const count = countOf(this.mask);
    if (count === 0) return Number.NaN;
    const sum = this.lossOf(1 / count);
    this.back(parameters, gradients);
    return sum / count;
  }

  private lossOf(factor: number): number {
    const { rows, steps, readFrom } = this.options;
    const { loss, unrolling, target, mask } = this;
    const { output, dOutput } = unrolling;
    const count = (steps - readFrom) * rows * this.K;
    const at = unrolling.outputAt(readFrom);
    return lossSum(loss, count, output, at, target, mask, 0, factor, dOutput);
  }

  private back(parameters: Floats, gradients: Floats): void {
    const { steps, given } = this.options;
    const { unrolling, dStart } = this;
    for (let t = steps - 1; t >= 0; t--) {
      if (t < given) unrolling.backward(t, parameters, gradients, dStart);
      else {
        // The input was the output before: all that the loss, later steps and this one say about it meets there.
        const at = unrolling.outputAt(t - 1);
        unrolling.backward(t, parameters, gradients, dStart, unrolling.dOutput, at);
      }
    }
  }
}

function requireLoop({ model, steps, given, readFrom }: BpttOptions): void {
  const { outputSize, cell } = model;
  if (!(given >= 1 && given <= steps && readFrom >= 0 && readFrom < steps)) {
    throw new RangeError(
      `given must be in 1 to ${steps} and readFrom below it, were ${given} and ${readFrom}`,
    );
  }
  if (given === steps) return;
  if (outputSize !== cell.inputSize || readFrom >= given) {
    throw new RangeError(
      `a closed loop feeds ${outputSize} outputs, read from step ${readFrom}, to ${cell.inputSize} inputs from step ${given}`,
    );
  }
}
