import type { Floats } from '../add-product.ts';
import { lossSum } from '../losses/loss.ts';
import { countOf, type ModeOptions, targetsPerStep } from './sequence-mode.ts';
import { Unrolling } from './unrolling.ts';

export interface TruncatedBpttOptions extends ModeOptions {
  /** k1: steps walked forward, and whose losses are taken, per `train`. */
  readonly every: number;
  /** k2 >= k1: steps walked back per `train`. */
  readonly through: number;
}

/**
 * TBPTT(k1, k2) on sequences without end (Williams & Peng 1990, their BPTT(h; h') with h = k2, h' = k1; many-to-many). Each
 * `train` walks k1 steps on from the carried state, takes their losses, and runs back through the newest k2 steps; gradients are
 * cut there. Each step's loss counts once; each step carries gradients about k2 / k1 times. With k2 at least all steps walked so
 * far the windows' gradients add up to those of full BPTT. Memory is that of k2 steps. Derivation: docs/derivations/tbptt.md.
 *
 * Where parameters change between windows and k2 > k1, the older steps keep the activations of the parameters that walked them.
 */
export class TruncatedBptt {
  /** k1 x B x I, the next steps' inputs. */
  readonly input: Floats;
  /** k1 x B x K. */
  readonly target: Floats;
  /** k1 x B x K. */
  readonly mask: Uint8Array;
  /** k1 x B x O, of the last `train`. */
  readonly output: Floats;
  private readonly options: TruncatedBpttOptions;
  private readonly K: number;
  private readonly unrolling: Unrolling;
  private readonly dState: Floats;
  /** Steps since the start. */
  private walked = 0;

  constructor(options: TruncatedBpttOptions) {
    const { model, rows: B, every, through, loss, floats = Float32Array } = options;
    const { cell, outputSize: O } = model;
    if (!(every >= 1 && through >= every)) {
      throw new RangeError(`k2 must be at least k1 and both above 0, were ${through} and ${every}`);
    }
    this.options = options;
    this.K = targetsPerStep(model, loss);
    const again = through > every;
    this.unrolling = new Unrolling({ model, at: 0, rows: B, kept: through, again, floats });
    this.dState = new floats(B * cell.stateSize);
    this.input = new floats(every * B * cell.inputSize);
    this.target = new floats(every * B * this.K);
    this.mask = new Uint8Array(this.target.length).fill(1);
    this.output = new floats(every * B * O);
  }

  /** B x S: carried from window to window. */
  get state(): Floats {
    return this.unrolling.state;
  }

  /** Begins new sequences from the state zero; nothing reaches back across. */
  restart(): void {
    this.state.fill(0);
    this.walked = 0;
  }

  /**
   * The next k1 steps.
   *
   * @param gradients overwritten with the truncated gradient of the mean loss over the targets that count
   * @returns that mean; NaN where none counts, the gradient is then 0; the state walks on all the same
   */
  train(parameters: Floats, gradients: Floats): number {
    gradients.fill(0);
    const count = countOf(this.mask);
    const sum = this.walk(parameters, 1 / Math.max(1, count));
    if (count === 0) return Number.NaN;
    const back = Math.min(this.options.through, this.walked);
    this.dState.fill(0);
    for (let k = 1; k <= back; k++) {
      this.unrolling.backward(this.walked - k, parameters, gradients, this.dState);
    }
    return sum / count;
  }

  private walk(parameters: Floats, factor: number): number {
    const { model, rows: B, every, loss } = this.options;
    const { unrolling, target, mask, K } = this;
    const size = B * model.outputSize;
    let sum = 0;
    for (let k = 0; k < every; k++) {
      const t = this.walked;
      unrolling.forward(t, parameters, this.input, k * B * model.cell.inputSize);
      unrolling.read(t, parameters);
      const { output, dOutput } = unrolling;
      const from = unrolling.outputAt(t);
      const targetsAt = k * B * K;
      sum += lossSum(loss, B * K, output, from, target, mask, targetsAt, factor, dOutput);
      for (let j = 0; j < size; j++) this.output[k * size + j] = output[from + j];
      this.walked += 1;
    }
    return sum;
  }
}
