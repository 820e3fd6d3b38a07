import type { Floats } from './add-product.ts';
import { drawDropout } from './dropout.ts';
import type { KernelName, NetworkKernel } from './kernels/kernel.ts';
import { networkKernel } from './kernels/network-kernel.ts';
import { huberLoss } from './losses/huber.ts';
import { lossSum } from './losses/loss.ts';
import { crpsCellWeights, type PinballShape, pinball } from './losses/pinball.ts';
import type { NetworkShape } from './network-shape.ts';
import type { FloatsConstructor } from './quantile-head.ts';
import type { Random } from './random.ts';

/** Targets are in scales: beyond one, an error counts as its distance. */
const HUBER = huberLoss(1);

export interface TbpttOptions {
  readonly shape: NetworkShape;
  /** Quantile levels of every horizon, rising. */
  readonly levels: readonly number[];
  /** What each target counts in a pinball loss; absent: all alike. */
  readonly targetWeights?: readonly number[];
  /** B windows that are walked together. */
  readonly windows: number;
  /** W steps of a window: gradients reach no further back than its start. */
  readonly steps: number;
  /** Share of h and of the head's hidden layer that is dropped in training. */
  readonly dropout: number;
  /** Default: pinball. `huber` takes one output per target, its level said to be .5. */
  readonly loss?: 'pinball' | 'huber';
  /** Storage; float64 only where gradients are checked, on the reference then. */
  readonly floats?: FloatsConstructor;
  /** Default: wasm, where the shape is one that it has. Forecasts of these parameters must run on the same one. */
  readonly kernel?: KernelName;
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
  private readonly pinballShape: PinballShape;
  private readonly kernel: NetworkKernel;

  /** @throws RangeError for outputs that are not whole horizons, KernelMissingError `KERNEL_MISSING` */
  constructor(options: TbpttOptions) {
    const { shape, levels, windows: rows, steps, floats = Float32Array } = options;
    const horizons = shape.outputSize / levels.length;
    if (!Number.isInteger(horizons)) {
      throw new RangeError(
        `outputs must be horizons x ${levels.length} levels, were ${shape.outputSize}`,
      );
    }
    this.options = options;
    const { targetWeights = new Array<number>(horizons).fill(1) } = options;
    const weights = crpsCellWeights(levels);
    this.pinballShape = { horizons, levels, weights, horizonWeights: targetWeights };
    const size = { shape, rows, steps, isTrained: true };
    this.kernel = networkKernel(options.kernel ?? 'wasm', size, floats);
    this.input = this.kernel.input;
    this.target = new floats(steps * rows * horizons);
    this.mask = new Uint8Array(steps * rows * horizons);
    this.state = this.kernel.state;
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
    const { kernel } = this;
    const { windows, steps } = this.options;
    const pairs = this.pairs();
    gradients.fill(0);
    if (pairs === 0) return Number.NaN;
    kernel.load(parameters);
    kernel.gradients.fill(0);
    let sum = 0;
    for (let t = 0; t < steps; t++) {
      this.walk(t, random);
      sum += this.lossAt(t, 1 / pairs);
      kernel.headBackward(windows, t);
    }
    kernel.throughTime(windows, steps);
    gradients.set(kernel.gradients);
    return sum / pairs;
  }

  /** The sum of the loss over the pairs that count, without dropout: what inference would have said. */
  lossSum(parameters: Floats): number {
    this.kernel.load(parameters);
    let sum = 0;
    for (let t = 0; t < this.options.steps; t++) {
      this.walk(t, null);
      sum += this.lossAt(t, 0);
    }
    return sum;
  }

  /** The outputs of the step walked last, B x K x L; for tests that compare with inference. */
  get lastOutput(): Floats {
    return this.kernel.output;
  }

  /** Recurrence and head forward at step t; the head's buffers hold step t alone. */
  private walk(t: number, random: Random | null): void {
    const { shape, windows, dropout } = this.options;
    const { kernel } = this;
    drawDropout(random, dropout, windows * shape.hiddenSize, kernel.hiddenFactors);
    drawDropout(random, dropout, windows * shape.headSize, kernel.headFactors);
    kernel.recur(windows, t);
    kernel.keep(windows);
    kernel.predict(windows, t);
  }

  private lossAt(t: number, factor: number): number {
    const { pinballShape, kernel, target, mask } = this;
    const { windows } = this.options;
    const at = t * windows * pinballShape.horizons;
    if (this.options.loss === 'huber') {
      const targets = windows * pinballShape.horizons;
      return lossSum(HUBER, targets, kernel.output, 0, target, mask, at, factor, kernel.dOutput);
    }
    return pinball(windows, pinballShape, kernel.output, target, mask, at, factor, kernel.dOutput);
  }
}
