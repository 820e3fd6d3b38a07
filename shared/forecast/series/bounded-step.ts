import { ewmaStep } from '#shared/features/ewma.ts';

/** A squared change counts at most this many times the mean so far: one stuck sensor must not widen a scale for months. */
const LARGEST_SQUARE = 16;

/** Squares before any is bounded. */
export const FIRST_BOUNDED = 50;

/** A step of a mean of squared changes, the newest of which counts within a bound. @param count changes with this one */
export function boundedStep(
  meanSquare: number,
  change: number,
  rate: number,
  count: number,
): number {
  const square = change * change;
  const isBounded = count > FIRST_BOUNDED && meanSquare > 0;
  const counted = isBounded ? Math.min(square, LARGEST_SQUARE * meanSquare) : square;
  return ewmaStep(meanSquare, counted, rate, count);
}
