import type { Floats } from '../add-product.ts';
import type { Loss } from '../losses/loss.ts';
import type { FloatsConstructor } from '../quantile-head.ts';
import type { SequenceModel } from './sequence-model.ts';

/**
 * One way to put sequences through a model: which steps get an input, which give an output. The caller fills the arrays; all are
 * time-major, number of (t, b) = t B + b. K = O / outputs per target.
 */
export interface SequenceMode {
  /** Steps with an input of their own x B x I. */
  readonly input: Floats;
  /** Steps that are read x B x K. */
  readonly target: Floats;
  /** Steps that are read x B x K, 1 where the target counts: everywhere, until the caller says else. */
  readonly mask: Uint8Array;
  /** Steps that are read x B x O, of the last `forward` or `train`. */
  readonly output: Floats;

  forward(parameters: Floats): void;

  /**
   * Forward, then back through all steps.
   *
   * @param gradients overwritten with the gradient of the mean loss over the targets that count; the parameters' layout
   * @returns that mean; NaN where no target counts, the gradient is then 0
   */
  train(parameters: Floats, gradients: Floats): number;
}

export interface ModeOptions {
  readonly model: SequenceModel;
  /** B sequences that are walked together. */
  readonly rows: number;
  readonly loss: Loss;
  /** Storage; float64 only where gradients are checked. */
  readonly floats?: FloatsConstructor;
}

/** K. @throws RangeError where the model's outputs are no whole number of targets */
export function targetsPerStep({ outputSize }: SequenceModel, loss: Loss): number {
  const K = outputSize / loss.outputsPerTarget;
  if (Number.isInteger(K) && K > 0) return K;
  throw new RangeError(
    `outputs must be a multiple of the loss's ${loss.outputsPerTarget}, were ${outputSize}`,
  );
}

export function countOf(mask: Uint8Array): number {
  let count = 0;
  for (let k = 0; k < mask.length; k++) count += mask[k];
  return count;
}
