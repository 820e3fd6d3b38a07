import type { Floats } from '../add-product.ts';

export interface AdamWOptions {
  /** Step size. */
  readonly learningRate: number;
  /** Decoupled decay of all parameters, per step and unit of learning rate. */
  readonly weightDecay: number;
}

/** Running moments of the gradient; kept in the artefact, so that a restart goes on where it was. */
export interface Moments {
  readonly first: Floats;
  readonly second: Floats;
}

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

/**
 * One step of AdamW (Loshchilov & Hutter 2019, algorithm 2), in place: p <- p - lr (wd p + m^ / (sqrt(v^) + eps)), with the moments
 * corrected for their start at zero (Kingma & Ba 2015).
 *
 * @param step number of this step since the moments were zero, from 1
 */
export function adamW(
  parameters: Floats,
  gradients: Floats,
  moments: Moments,
  step: number,
  { learningRate, weightDecay }: AdamWOptions,
): void {
  const { first, second } = moments;
  const correction1 = 1 - power(BETA_1, step);
  const correction2 = 1 - power(BETA_2, step);
  const keep = 1 - learningRate * weightDecay;
  for (let k = 0; k < parameters.length; k++) {
    const g = gradients[k];
    const m = BETA_1 * first[k] + (1 - BETA_1) * g;
    const v = BETA_2 * second[k] + (1 - BETA_2) * g * g;
    first[k] = m;
    second[k] = v;
    const direction = m / correction1 / (Math.sqrt(v / correction2) + EPSILON);
    parameters[k] = parameters[k] * keep - learningRate * direction;
  }
}

/** base^exponent for a whole exponent by squaring: `**` may differ between engines in the last bit. */
function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
