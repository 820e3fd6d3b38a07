import { exp } from '#shared/numeric/elementary.ts';

/** Weight of the newest value when an old one counts half after `halfLifeTicks`: a = 1 - 2^(-1/L). */
export function ewmaRate(halfLifeTicks: number): number {
  return 1 - exp(-Math.LN2 / halfLifeTicks);
}

/**
 * One step of an exponentially weighted mean that starts as the plain mean of the first 1/rate values, so that no value is
 * needed before the first and the early estimate is not ruled by it.
 *
 * @param count how many values there are with this one, from 1
 */
export function ewmaStep(mean: number, value: number, rate: number, count: number): number {
  return mean + Math.max(rate, 1 / count) * (value - mean);
}
