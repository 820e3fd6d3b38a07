import type { Optimiser } from './optimiser.ts';

export interface RmsPropOptions {
  /** Share of the running square that is kept. */
  readonly decay?: number;
  readonly epsilon?: number;
}

/**
 * RMSProp (Tieleman & Hinton 2012): each gradient is divided by its own running root mean square, v zero at the start:
 *
 *   v <- d v + (1 - d) g^2,  p <- p - lr g / (sqrt(v) + eps)
 *
 * Slot: v. The start at zero is not corrected, so the first steps are long: at most lr / sqrt(1 - d).
 */
export function rmsProp({ decay = 0.99, epsilon = 1e-8 }: RmsPropOptions = {}): Optimiser {
  return {
    slots: 1,
    update(parameters, gradients, slots, _step, learningRate): void {
      const square = slots[0];
      for (let k = 0; k < parameters.length; k++) {
        const g = gradients[k];
        const v = decay * square[k] + (1 - decay) * g * g;
        square[k] = v;
        parameters[k] -= (learningRate * g) / (Math.sqrt(v) + epsilon);
      }
    },
  };
}
