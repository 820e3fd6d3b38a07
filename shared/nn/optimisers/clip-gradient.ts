import type { Floats } from '../add-product.ts';

/** Euclidean norm; NaN or Infinity where a number is not finite. */
export function norm(values: Floats): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k] * values[k];
  return Math.sqrt(sum);
}

/**
 * Scales the gradient in place so that its global norm is at most `largest` (Pascanu, Mikolov & Bengio 2013).
 *
 * @returns the norm before; not finite where the gradient is not, which is then left as it is
 */
export function clipGradient(gradients: Floats, largest: number): number {
  const found = norm(gradients);
  if (found > largest && found < Infinity) {
    const factor = largest / found;
    for (let k = 0; k < gradients.length; k++) gradients[k] *= factor;
  }
  return found;
}

/**
 * Cuts every number of the gradient to +-largest in place (Mikolov 2012): bounds each one, but turns the direction.
 *
 * @returns how many were cut; NaN, with the gradient left as it is, where one is not finite
 */
export function clipValues(gradients: Floats, largest: number): number {
  let cut = 0;
  for (let k = 0; k < gradients.length; k++) {
    if (!(Math.abs(gradients[k]) < Infinity)) return Number.NaN;
    if (Math.abs(gradients[k]) > largest) cut += 1;
  }
  for (let k = 0; cut > 0 && k < gradients.length; k++) {
    gradients[k] = Math.max(-largest, Math.min(largest, gradients[k]));
  }
  return cut;
}

export interface GradientClipOptions {
  /** Largest size of a single number, cut first; absent: none. */
  readonly value?: number;
  /** Largest global norm; absent: none. */
  readonly norm?: number;
}

/** Clips gradients on their way to an optimiser, and counts what it met. */
export class GradientClip {
  /** Gradients seen. */
  steps = 0;
  /** Of them, those that were shortened, by value or by norm. */
  clipped = 0;
  /** Of them, those with a number that is not finite: no step may be made from them. */
  notFinite = 0;
  private readonly largestValue: number;
  private readonly largestNorm: number;

  constructor(options: GradientClipOptions) {
    this.largestValue = options.value ?? Infinity;
    this.largestNorm = options.norm ?? Infinity;
  }

  /** @returns false where the gradient is not finite and the step must be left out */
  apply(gradients: Floats): boolean {
    this.steps += 1;
    const cut = clipValues(gradients, this.largestValue);
    const found = clipGradient(gradients, this.largestNorm);
    if (!(found < Infinity)) {
      this.notFinite += 1;
      return false;
    }
    if (cut > 0 || found > this.largestNorm) this.clipped += 1;
    return true;
  }
}
