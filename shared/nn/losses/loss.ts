import type { Floats } from '../add-product.ts';

/**
 * A loss of one target: a formula, without rows, steps or masks. P = outputs that speak of one target: 1 for a point, L for
 * quantiles, 2 or 3 for a distribution. One file each beside this one.
 */
export interface Loss {
  /** P. */
  readonly outputsPerTarget: number;

  /**
   * @param outputs  P numbers from `at`
   * @param gradient P numbers from `at`, overwritten with factor * dL/d(output)
   * @returns the loss, not scaled
   */
  at(outputs: Floats, at: number, target: number, factor: number, gradient: Floats): number;
}

/**
 * The sum of a loss over `targets` targets (rows x horizons of a step, in order) whose mask is 1.
 *
 * @param outputs  targets x P, from `outputsAt`
 * @param target   from `targetsAt`; not looked at where the mask is 0
 * @param mask     from `targetsAt`
 * @param factor   scales the gradient; the caller's 1 / (number of targets that count)
 * @param gradient targets x P, from `outputsAt`, overwritten; 0 where the mask is
 * @returns the sum, not scaled
 */
export function lossSum(
  loss: Loss,
  targets: number,
  outputs: Floats,
  outputsAt: number,
  target: Floats,
  mask: Uint8Array,
  targetsAt: number,
  factor: number,
  gradient: Floats,
): number {
  const P = loss.outputsPerTarget;
  let sum = 0;
  for (let k = 0; k < targets; k++) {
    const at = outputsAt + k * P;
    if (mask[targetsAt + k] === 0) {
      for (let p = 0; p < P; p++) gradient[at + p] = 0;
    } else {
      sum += loss.at(outputs, at, target[targetsAt + k], factor, gradient);
    }
  }
  return sum;
}
