import type { Commit } from './partition-commit.ts';
import { StateConflictError, StateFencedError, StateWrongRunError } from './state-errors.ts';

/** What a store keeps of a partition beside its symbols. `next` and `partitionState` are null before the first commit. */
export interface StoredClaim {
  readonly run: string;
  readonly token: string;
  /** The highest generation that claimed; 0 where none was known. */
  readonly generation: number;
  readonly next: bigint | null;
  readonly partitionState: Uint8Array;
}

/**
 * May this generation of this run claim what is stored?
 *
 * @throws StateWrongRunError `STATE_WRONG_RUN`, StateFencedError `STATE_FENCED`
 */
export function requireClaimable(
  stored: StoredClaim,
  claim: { readonly run: string; readonly partition: number; readonly generation: number },
): void {
  const { run, partition, generation } = claim;
  if (stored.run !== run) {
    throw new StateWrongRunError(
      `state of partition ${partition} must belong to run ${run}, was of ${stored.run}`,
      { partition, expected: run, found: stored.run },
    );
  }
  // 0 is "not known": the order of claims is then the order of their arrival.
  if (generation > 0 && generation < stored.generation) {
    throw new StateFencedError(
      `partition ${partition} is claimed by generation ${stored.generation}, ours was ${generation}`,
      { partition, expected: generation, found: stored.generation },
    );
  }
}

/**
 * Symbols of one position under the header of another would be a state that never was.
 *
 * @param found where the store stands; null before the first commit
 * @param at where it must stand; absent: anywhere
 * @throws StateConflictError `STATE_CONFLICT`
 */
export function requireStandingAt(
  partition: number,
  found: bigint | null,
  at: bigint | undefined,
): void {
  if (at === undefined || (found ?? 0n) === at) return;
  throw new StateConflictError(
    `state of partition ${partition} must stand at ${at} while it is read, stood at ${found ?? 0n}`,
    { partition, expected: at, found },
  );
}

/**
 * The compare of the compare-and-set.
 *
 * @throws StateFencedError `STATE_FENCED`, StateConflictError `STATE_CONFLICT`
 */
export function requireCommittable(
  stored: StoredClaim | null,
  commit: Commit,
): asserts stored is StoredClaim {
  const { partition, token, base, next } = commit;
  if (stored === null || stored.token !== token) {
    throw new StateFencedError(
      `partition ${partition} must be claimed by token ${token}, was by ${stored?.token ?? 'none'}`,
      { partition, expected: token, found: stored?.token ?? null },
    );
  }
  const found = stored.next ?? 0n;
  if (found !== base) {
    throw new StateConflictError(
      `state of partition ${partition} must stand at ${base}, stood at ${found}`,
      { partition, expected: base, found },
    );
  }
  if (next < base) {
    throw new StateConflictError(
      `state of partition ${partition} must not go back from ${base}, next was ${next}`,
      { partition, base, next },
    );
  }
}
