import type { LoggedBoundary } from './boundary-log.ts';

/** Boundaries of which the log can still meet a switch, or whose model is in use; and those that nothing can ask for again. */
export interface Needed {
  readonly needed: readonly LoggedBoundary[];
  readonly gone: readonly LoggedBoundary[];
}

/**
 * Parts the history where retention has passed. Outcome n stands in every partition before boundary n + 1 is opened, so once the
 * log begins behind the range of a boundary, the switches of all before it are gone. The last of those that switched stays: its
 * weights are in use where the log begins.
 *
 * @param boundaries in order
 * @param starts first offset that `ticks` still holds, per partition
 */
export function neededBoundaries(
  boundaries: readonly LoggedBoundary[],
  starts: readonly bigint[],
): Needed {
  const isPassed = ({ boundary }: LoggedBoundary): boolean =>
    boundary.ranges.every(({ partition, to }) => BigInt(to) <= starts[partition]);
  const lastPassed = boundaries.findLastIndex(isPassed);
  const inUse = boundaries.findLastIndex(
    ({ outcome }, k) => k < lastPassed && outcome?.event === 'switched',
  );
  const first = Math.max(0, inUse === -1 ? lastPassed : inUse);
  return { needed: boundaries.slice(first), gone: boundaries.slice(0, first) };
}
