import type { TimeSpan } from './source.ts';

const MILLIONTHS = 100_000_000n;

/**
 * The end of a warm-up that is given as a percentage of the event-time span, as `warmUpUntilNs` of the `begin` record wants it.
 *
 * @param percent 0 to 100
 */
export function warmUpUntil(spanNs: TimeSpan, percent: number): string {
  // In millionths of a percent, so that the product stays whole and equal on every machine.
  const share = BigInt(Math.round(percent * 1e6));
  return String(spanNs.first + ((spanNs.last - spanNs.first) * share) / MILLIONTHS);
}
