import { wholePower } from '../../numeric/whole-power.ts';
import type { Floats } from '../add-product.ts';
import { BETA_1, BETA_2, EPSILON } from './adam.ts';
import type { Optimiser } from './optimiser.ts';

export interface AdamWOptions {
  /** Step size. */
  readonly learningRate: number;
  /** Decoupled decay of all parameters, per step and unit of learning rate. */
  readonly weightDecay: number;
  /** One per parameter: multiples of the step size; absent: all alike. */
  readonly rates?: Floats;
}

/** Running moments of the gradient; kept in the artefact, so that a restart goes on where it was. */
export interface Moments {
  readonly first: Floats;
  readonly second: Floats;
}

/**
 * One step of AdamW (Loshchilov & Hutter 2019, algorithm 2), in place: p <- p - lr (wd p + m^ / (sqrt(v^) + eps)), with the moments
 * corrected for their start at zero (Kingma & Ba 2015).
 *
 * @param step number of this step since the moments were zero, from 1
 */
export function adamW(
  parameters: Floats,
  gradients: Floats,
  { first, second }: Moments,
  step: number,
  { learningRate, weightDecay, rates }: AdamWOptions,
): void {
  adamWStep(parameters, gradients, first, second, step, learningRate, weightDecay, rates);
}

/** AdamW as an `Optimiser`. Slots: first and second moment. */
export function adamWOptimiser({ weightDecay }: Pick<AdamWOptions, 'weightDecay'>): Optimiser {
  return {
    slots: 2,
    update: (parameters, gradients, slots, step, learningRate) =>
      adamWStep(parameters, gradients, slots[0], slots[1], step, learningRate, weightDecay),
  };
}

function adamWStep(
  parameters: Floats,
  gradients: Floats,
  first: Floats,
  second: Floats,
  step: number,
  learningRate: number,
  weightDecay: number,
  rates?: Floats,
): void {
  const correction1 = 1 - wholePower(BETA_1, step);
  const correction2 = 1 - wholePower(BETA_2, step);
  for (let k = 0; k < parameters.length; k++) {
    const g = gradients[k];
    const m = BETA_1 * first[k] + (1 - BETA_1) * g;
    const v = BETA_2 * second[k] + (1 - BETA_2) * g * g;
    first[k] = m;
    second[k] = v;
    const direction = m / correction1 / (Math.sqrt(v / correction2) + EPSILON);
    const rate = rates === undefined ? learningRate : learningRate * rates[k];
    parameters[k] = parameters[k] * (1 - rate * weightDecay) - rate * direction;
  }
}
