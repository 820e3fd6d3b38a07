import type { Loss } from './loss.ts';

/**
 * L = e^2 / 2 with e = output - target; dL/d(output) = e (Legendre 1805; the half makes it the Gaussian likelihood of unit
 * scale, Gauss 1809). Its minimum is the mean. L >= 0; neither L nor its slope is bounded.
 */
export const squaredLoss: Loss = {
  outputsPerTarget: 1,
  at(outputs, at, target, factor, gradient): number {
    const e = outputs[at] - target;
    gradient[at] = factor * e;
    return 0.5 * e * e;
  },
};
