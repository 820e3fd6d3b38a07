import type { Floats } from './add-product.ts';
import type { Cell } from './cells/cell.ts';
import { drawDropout } from './dropout.ts';
import { crpsCellWeights, type PinballShape, pinball } from './losses/pinball.ts';
import { type NetworkShape, networkCell } from './network-shape.ts';
import { type ParameterLayout, parameterLayout } from './parameters.ts';
import {
  type FloatsConstructor,
  type HeadTape,
  headBackward,
  headForward,
  headTape,
} from './quantile-head.ts';
import type { Random } from './random.ts';

export interface TbpttOptions {
  readonly shape: NetworkShape;
  /** Quantile levels of every horizon, rising. */
  readonly levels: readonly number[];
  /** B windows that are walked together. */
  readonly windows: number;
  /** W steps of a window: gradients reach no further back than its start. */
  readonly steps: number;
  /** Share of h and of the head's hidden layer that is dropped in training. */
  readonly dropout: number;
  /** Storage; float64 only where gradients are checked. */
  readonly floats?: FloatsConstructor;
}

/**
 * Truncated back-propagation through time (Williams & Peng 1990) with k1 = k2 = W: B windows walk forward from stored states, the
 * loss of every step is taken at once, and gradients run back to the window's start. The caller fills `input`, `target`, `mask`
 * and `state`; all are time-major: number of (t, b) = t B + b. Derivation: docs/derivations/tbptt.md.
 */
export class Tbptt {
  /** W x B x I, the network's inputs. */
  readonly input: Floats;
  /** W x B x K, targets in scales. */
  readonly target: Floats;
  /** W x B x K, 1 where the target counts. */
  readonly mask: Uint8Array;
  /** B x S: the state before the first step; after `train` or `loss` the state after the last. */
  readonly state: Floats;
  private readonly options: TbpttOptions;
  private readonly layout: ParameterLayout;
  private readonly pinballShape: PinballShape;
  private readonly cell: Cell;
  private readonly cellTape: Floats;
  private readonly head: HeadTape;
  private readonly dOutput: Floats;
  /** W x B x H, what the head says about each h. */
  private readonly dHidden: Floats;
  private readonly dJoined: Floats;
  private readonly dState: Floats;
  private readonly hiddenFactors: Floats;
  private readonly headFactors: Floats;

  constructor(options: TbpttOptions) {
    const { shape, levels, windows: B, steps: W, floats = Float32Array } = options;
    const { inputSize: I, hiddenSize: H, headSize: M, outputSize } = shape;
    const horizons = outputSize / levels.length;
    if (!Number.isInteger(horizons)) {
      throw new RangeError(
        `outputs must be horizons x ${levels.length} levels, were ${outputSize}`,
      );
    }
    this.options = options;
    this.layout = parameterLayout(shape);
    this.pinballShape = { horizons, levels, weights: crpsCellWeights(levels) };
    this.cell = networkCell(shape);
    const S = this.cell.stateSize;
    this.input = new floats(W * B * I);
    this.target = new floats(W * B * horizons);
    this.mask = new Uint8Array(W * B * horizons);
    this.state = new floats(B * S);
    this.cellTape = new floats(W * B * this.cell.tapeSize);
    this.head = headTape(shape, B, floats);
    this.dOutput = new floats(B * outputSize);
    this.dHidden = new floats(W * B * H);
    this.dJoined = new floats(B * H);
    this.dState = new floats(B * S);
    this.hiddenFactors = new floats(B * H);
    this.headFactors = new floats(B * M);
  }

  /** Number of (t, b, horizon) that count. */
  pairs(): number {
    let count = 0;
    for (let k = 0; k < this.mask.length; k++) count += this.mask[k];
    return count;
  }

  /**
   * One mini-batch: the mean loss over the pairs that count, and its gradient with respect to every parameter.
   *
   * @param gradients overwritten; the parameters' layout
   * @param random    draws the dropout
   * @returns NaN where no pair counts; the gradient is then 0
   */
  train(parameters: Floats, gradients: Floats, random: Random): number {
    const pairs = this.pairs();
    gradients.fill(0);
    if (pairs === 0) return Number.NaN;
    let sum = 0;
    for (let t = 0; t < this.options.steps; t++) {
      this.walk(t, parameters, random);
      sum += this.lossAt(t, 1 / pairs);
      this.headBack(t, parameters, gradients);
    }
    this.throughTime(parameters, gradients);
    return sum / pairs;
  }

  /** The sum of the loss over the pairs that count, without dropout: what inference would have said. */
  lossSum(parameters: Floats): number {
    let sum = 0;
    for (let t = 0; t < this.options.steps; t++) {
      this.walk(t, parameters, null);
      sum += this.lossAt(t, 0);
    }
    return sum;
  }

  /** The outputs of the step walked last, B x K x L; for tests that compare with inference. */
  get lastOutput(): Floats {
    return this.head.output;
  }

  /** Cell and head forward at step t; the head's buffers hold step t alone. */
  private walk(t: number, parameters: Floats, random: Random | null): void {
    const { shape, windows: B, dropout } = this.options;
    const { inputSize: I, hiddenSize: H, headSize: M } = shape;
    const { cell, layout, head, input, state } = this;
    const inputAt = t * B * I;
    cell.forward(
      B,
      parameters,
      layout.cell.at,
      input,
      inputAt,
      state,
      0,
      this.cellTape,
      this.tapeAt(t),
    );
    drawDropout(random, dropout, B * H, this.hiddenFactors);
    drawDropout(random, dropout, B * M, this.headFactors);
    for (let b = 0; b < B; b++) {
      const at = b * (H + I);
      const hidden = b * cell.stateSize + cell.hiddenAt;
      for (let k = 0; k < H; k++) {
        head.joined[at + k] = state[hidden + k] * this.hiddenFactors[b * H + k];
      }
      for (let k = 0; k < I; k++) head.joined[at + H + k] = input[inputAt + b * I + k];
    }
    headForward(B, shape, layout, parameters, head, this.headFactors);
  }

  private lossAt(t: number, factor: number): number {
    const B = this.options.windows;
    const { pinballShape, head, target, mask, dOutput } = this;
    const at = t * B * pinballShape.horizons;
    return pinball(B, pinballShape, head.output, target, mask, at, factor, dOutput);
  }

  private headBack(t: number, parameters: Floats, gradients: Floats): void {
    const { shape, windows: B } = this.options;
    const { layout, head, headFactors, dOutput, dJoined } = this;
    const size = B * shape.hiddenSize;
    dJoined.fill(0);
    headBackward(B, shape, layout, parameters, head, headFactors, dOutput, gradients, dJoined);
    for (let k = 0; k < size; k++) this.dHidden[t * size + k] = dJoined[k] * this.hiddenFactors[k];
  }

  /** From the last step to the first: dL/dh of a step is what its head says plus what came back from later steps. */
  private throughTime(parameters: Floats, gradients: Floats): void {
    const { shape, windows: B, steps: W } = this.options;
    const H = shape.hiddenSize;
    const { cell, layout, dState, dHidden } = this;
    dState.fill(0);
    for (let t = W - 1; t >= 0; t--) {
      for (let b = 0; b < B; b++) {
        const hidden = b * cell.stateSize + cell.hiddenAt;
        for (let k = 0; k < H; k++) dState[hidden + k] += dHidden[(t * B + b) * H + k];
      }
      cell.backward(
        B,
        parameters,
        layout.cell.at,
        this.cellTape,
        this.tapeAt(t),
        dState,
        gradients,
      );
    }
  }

  private tapeAt(t: number): number {
    return t * this.options.windows * this.cell.tapeSize;
  }
}
