import { exp } from '../../numeric/elementary.ts';
import { slopeWithin } from './bounded-output.ts';
import type { Loss } from './loss.ts';

const HALF_LN_TWO_PI = 0.9189385332046728;
/** Scales from 6e-6 to 1.6e5 in the target's unit: beyond them one target's slope would outweigh all others. */
export const LOG_SCALE_BOUND = 12;

/**
 * -ln of the normal density (Nix & Weigend 1994). Outputs: mean m, log-scale s; z = (y - m) e^-s.
 *
 *   L = z^2 / 2 + s + ln(2 pi) / 2,  dL/dm = -z e^-s,  dL/ds = 1 - z^2
 *
 * s is read within +-12 (`slopeWithin`); so L >= -12 + ln(2 pi) / 2. dL/ds <= 1; the others are not bounded: clip.
 */
export const gaussianLoss: Loss = {
  outputsPerTarget: 2,
  at(outputs, at, target, factor, gradient): number {
    const B = LOG_SCALE_BOUND;
    const s = Math.max(-B, Math.min(B, outputs[at + 1]));
    const shrink = exp(-s);
    const z = (target - outputs[at]) * shrink;
    gradient[at] = factor * -z * shrink;
    gradient[at + 1] = factor * slopeWithin(outputs[at + 1], -B, B, 1 - z * z);
    return 0.5 * z * z + s + HALF_LN_TWO_PI;
  },
};
