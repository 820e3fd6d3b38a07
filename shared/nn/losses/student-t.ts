import { exp, ln, log1p, sigmoid } from '../../numeric/elementary.ts';
import { digamma, logGamma } from '../../numeric/log-gamma.ts';
import type { Floats } from '../add-product.ts';
import { slopeWithin } from './bounded-output.ts';
import { LOG_SCALE_BOUND } from './gaussian.ts';
import type { Loss } from './loss.ts';

/** Fewer than two degrees of freedom have no variance; with 2 + 200 the density is the normal one to 1 % within two scales. */
const FEWEST = 2;
const LOW = -20;
const HIGH = 200;

/**
 * -ln of Student's t density (Student 1908; as a network's loss: Salinas et al. 2020). Outputs: location m, log-scale s;
 * n = degrees of freedom, z = (y - m) e^-s.
 *
 *   L = ln G(n/2) - ln G((n+1)/2) + ln(n pi) / 2 + s + (n+1)/2 ln(1 + z^2/n)
 *   dL/dm = -(n+1) z e^-s / (n + z^2),  dL/ds = 1 - (n+1) z^2 / (n + z^2)
 *
 * |dL/dm| <= (n+1) e^-s / (2 sqrt n) and -n < dL/ds <= 1: a wild target hardly moves anything. s is read within +-12.
 *
 * @param n degrees of freedom, > 0
 */
export function studentTLoss(n: number): Loss {
  if (!(n > 0 && n < Infinity)) {
    throw new RangeError(`degrees of freedom must be finite and above 0, were ${n}`);
  }
  const constant = normaliser(n);
  return {
    outputsPerTarget: 2,
    at: (outputs, at, target, factor, gradient) =>
      constant + locationAndScale(n, outputs, at, target, factor, gradient),
  };
}

/**
 * The same with learned degrees of freedom, from a third output r: n = 2 + ln(1 + e^r), r read within [-20, 200].
 *
 *   dL/dn = 1/2 (psi(n/2) - psi((n+1)/2) + 1/n + ln(1 + z^2/n) - (n+1) z^2 / (n (n + z^2))),  dn/dr = sigmoid(r)
 */
export const studentTLearnedLoss: Loss = {
  outputsPerTarget: 3,
  at(outputs, at, target, factor, gradient): number {
    const r = Math.max(LOW, Math.min(HIGH, outputs[at + 2]));
    const n = FEWEST + Math.max(r, 0) + log1p(exp(-Math.abs(r)));
    const rest = locationAndScale(n, outputs, at, target, factor, gradient);
    const z = (target - outputs[at]) * exp(-logScale(outputs[at + 1]));
    const tail = ((n + 1) * z * z) / (n + z * z);
    const gammas = digamma(n / 2) - digamma((n + 1) / 2);
    const slope = 0.5 * (gammas + log1p((z * z) / n) + (1 - tail) / n);
    gradient[at + 2] = factor * slopeWithin(outputs[at + 2], LOW, HIGH, slope * sigmoid(r));
    return normaliser(n) + rest;
  },
};

/** What depends on n alone. */
function normaliser(n: number): number {
  return logGamma(n / 2) - logGamma((n + 1) / 2) + 0.5 * ln(n * Math.PI);
}

/** s + (n+1)/2 ln(1 + z^2/n), and the slopes of m and s. */
function locationAndScale(
  n: number,
  outputs: Floats,
  at: number,
  target: number,
  factor: number,
  gradient: Floats,
): number {
  const B = LOG_SCALE_BOUND;
  const s = logScale(outputs[at + 1]);
  const shrink = exp(-s);
  const z = (target - outputs[at]) * shrink;
  const pull = ((n + 1) * z) / (n + z * z);
  gradient[at] = factor * -pull * shrink;
  gradient[at + 1] = factor * slopeWithin(outputs[at + 1], -B, B, 1 - pull * z);
  return s + 0.5 * (n + 1) * log1p((z * z) / n);
}

function logScale(output: number): number {
  return Math.max(-LOG_SCALE_BOUND, Math.min(LOG_SCALE_BOUND, output));
}
