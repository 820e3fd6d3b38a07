import type { Outputs } from './lstm-case.ts';

/** Largest difference that counts as the same result, as a share of the tensor's largest number. */
export const TOLERANCE = 1e-5;

/**
 * Who computes something else is not compared. Every array must be there, be finite, and differ nowhere by more than `TOLERANCE` of
 * the largest number of the truth's array.
 *
 * @returns what differs, in words; null where all agrees
 */
export function disagreement(truth: Outputs, claimed: Outputs): string | null {
  for (const [name, expected] of Object.entries(truth)) {
    const found = claimed[name];
    if (found === undefined) return `gave no ${name}`;
    if (found.length !== expected.length) {
      return `gave ${found.length} numbers of ${name}, expected ${expected.length}`;
    }
    const error = relativeError(expected, found);
    if (!(error <= TOLERANCE)) {
      return `${name} differ by ${error.toExponential(1)} of the largest, at most ${TOLERANCE} is allowed`;
    }
  }
  return null;
}

/** max|a - b| / max|a|; NaN where a number is not finite. */
export function relativeError(expected: Float32Array, found: Float32Array): number {
  let error = 0;
  let largest = 0;
  for (let k = 0; k < expected.length; k++) {
    const difference = Math.abs(expected[k] - found[k]);
    // Math.max carries a NaN on; a comparison would drop it.
    error = Math.max(error, difference);
    largest = Math.max(largest, Math.abs(expected[k]));
  }
  return error === 0 ? 0 : error / largest;
}
