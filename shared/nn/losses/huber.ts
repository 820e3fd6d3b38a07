import type { Loss } from './loss.ts';

/**
 * L = e^2 / 2 for |e| <= d, else d (|e| - d / 2), with e = output - target (Huber 1964): the squared loss whose slope stops
 * at d, so that no single target moves a parameter by more. L >= 0; |dL/d(output)| <= d.
 *
 * @param d where the slope stops, in the target's unit, > 0
 */
export function huberLoss(d: number): Loss {
  if (!(d > 0)) throw new RangeError(`Huber's bound must be above 0, was ${d}`);
  return {
    outputsPerTarget: 1,
    at(outputs, at, target, factor, gradient): number {
      const e = outputs[at] - target;
      const slope = Math.max(-d, Math.min(d, e));
      gradient[at] = factor * slope;
      return slope * (e - 0.5 * slope);
    },
  };
}
