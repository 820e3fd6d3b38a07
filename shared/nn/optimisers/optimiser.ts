import type { Floats } from '../add-product.ts';

/**
 * A rule that turns a gradient into a step. It remembers nothing itself: all state is `slots` arrays of the parameters' length,
 * zero at the start, and the number of the step, both the caller's; kept together they let a restart go on to the bit. Element by
 * element, in order; nothing is allocated. The caller leaves a gradient out that is not finite (clip-gradient.ts says which).
 */
export interface Optimiser {
  readonly slots: number;

  /**
   * One step, in place.
   *
   * @param slots        `slots` arrays
   * @param step         number of this step since the slots were zero, from 1
   * @param learningRate step size, of this step (learning-rate.ts)
   */
  update(
    parameters: Floats,
    gradients: Floats,
    slots: readonly Floats[],
    step: number,
    learningRate: number,
  ): void;
}
