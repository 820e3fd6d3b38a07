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
