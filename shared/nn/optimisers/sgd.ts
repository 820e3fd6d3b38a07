import type { Optimiser } from './optimiser.ts';

export interface SgdOptions {
  /** Share of the velocity that is kept, in [0, 1); 0 is plain gradient descent. */
  readonly momentum?: number;
  /** Looks ahead along the velocity before the gradient counts. */
  readonly nesterov?: boolean;
}

/**
 * Gradient descent (Robbins & Monro 1951) with momentum mu (Polyak 1964), v zero at the start:
 *
 *   v <- mu v + g,  p <- p - lr v;  nesterov (Nesterov 1983 as in Sutskever et al. 2013): p <- p - lr (g + mu v)
 *
 * Slot: v. The learning rate stands outside v, as in PyTorch: a change of it acts on the whole velocity.
 */
export function sgd({ momentum = 0, nesterov = false }: SgdOptions = {}): Optimiser {
  if (!(momentum >= 0 && momentum < 1)) {
    throw new RangeError(`momentum must be in [0, 1), was ${momentum}`);
  }
  const ofGradient = nesterov ? 1 : 0;
  const ofVelocity = nesterov ? momentum : 1;
  return {
    slots: 1,
    update(parameters, gradients, slots, _step, learningRate): void {
      const velocity = slots[0];
      for (let k = 0; k < parameters.length; k++) {
        const g = gradients[k];
        const v = momentum * velocity[k] + g;
        velocity[k] = v;
        parameters[k] -= learningRate * (ofGradient * g + ofVelocity * v);
      }
    },
  };
}
