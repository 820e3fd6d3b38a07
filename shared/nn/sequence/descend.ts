import type { Floats } from '../add-product.ts';
import type { GradientClip } from '../optimisers/clip-gradient.ts';
import type { LearningRate } from '../optimisers/learning-rate.ts';
import type { Optimiser } from '../optimisers/optimiser.ts';
import type { SequenceMode } from './sequence-mode.ts';

export interface DescentOptions {
  readonly updates: number;
  readonly optimiser: Optimiser;
  readonly rateOf: LearningRate;
  readonly clip: GradientClip;
  /** Fills the mode's input, target and mask with the next mini-batch. */
  readonly draw: () => void;
  /** Hears of each update and its mean loss. */
  readonly onUpdate?: (update: number, loss: number) => void;
}

/**
 * Goes down from `parameters`, in place: draw, train, clip, step. For experiments and examples; the pipeline's own training, with
 * its tapes, weight mean and gate, is services/train. An update makes no step where its gradient or its loss is
 * not finite: a number overflowed, or no target counted.
 */
export function descend(
  mode: Pick<SequenceMode, 'train'>,
  parameters: Floats,
  options: DescentOptions,
): void {
  const { updates, optimiser, rateOf, clip, draw, onUpdate } = options;
  const zeros = (): Floats => parameters.slice().fill(0);
  const gradients = zeros();
  const slots = Array.from({ length: optimiser.slots }, zeros);
  let step = 0;
  for (let update = 1; update <= updates; update++) {
    draw();
    const loss = mode.train(parameters, gradients);
    if (clip.apply(gradients) && Number.isFinite(loss)) {
      step += 1;
      optimiser.update(parameters, gradients, slots, step, rateOf(update));
    }
    onUpdate?.(update, loss);
  }
}
