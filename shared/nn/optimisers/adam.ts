import { wholePower } from '../../numeric/whole-power.ts';
import type { Optimiser } from './optimiser.ts';

export interface AdamOptions {
  /** Share of the running mean that is kept. */
  readonly beta1?: number;
  /** Share of the running square that is kept. */
  readonly beta2?: number;
  readonly epsilon?: number;
}

/** The constants of Kingma & Ba 2015. */
export const BETA_1 = 0.9;
export const BETA_2 = 0.999;
export const EPSILON = 1e-8;

/**
 * Adam (Kingma & Ba 2015, algorithm 1). Slots: running mean m and running square v of the gradient, zero at the start:
 *
 *   m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g^2,  p <- p - lr m^ / (sqrt(v^) + eps)
 *
 * with m^ = m / (1 - b1^step), v^ = v / (1 - b2^step), which undo the start at zero. A step moves a parameter by at most
 * lr (1 - b1) / sqrt(1 - b2), and hardly ever by more than lr.
 */
export function adam({
  beta1 = BETA_1,
  beta2 = BETA_2,
  epsilon = EPSILON,
}: AdamOptions = {}): Optimiser {
  return {
    slots: 2,
    update(parameters, gradients, slots, step, learningRate): void {
      const first = slots[0];
      const second = slots[1];
      const correction1 = 1 - wholePower(beta1, step);
      const correction2 = 1 - wholePower(beta2, step);
      for (let k = 0; k < parameters.length; k++) {
        const g = gradients[k];
        const m = beta1 * first[k] + (1 - beta1) * g;
        const v = beta2 * second[k] + (1 - beta2) * g * g;
        first[k] = m;
        second[k] = v;
        parameters[k] -=
          (learningRate * (m / correction1)) / (Math.sqrt(v / correction2) + epsilon);
      }
    },
  };
}
