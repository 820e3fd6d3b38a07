import { CorruptBytesError } from '#shared/errors.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Snapshot, SnapshotStore } from '#shared/state/snapshot-store.ts';

export interface SnapshotWish {
  readonly run: string;
  readonly partition: number;
  /** The oldest offset that the log still holds. */
  readonly from: bigint;
}

/** The furthest snapshot of a partition that reads back and from which the log can be folded on; null where there is none. */
export async function newestUsable(
  { snapshots, logger }: { readonly snapshots: SnapshotStore; readonly logger: Logger },
  { run, partition, from }: SnapshotWish,
): Promise<Snapshot | null> {
  for (const name of await snapshots.list(run, partition)) {
    if (name.next < from) break;
    try {
      const snapshot = await snapshots.read(name);
      logger.warn('state restored from a snapshot', { partition, next: `${name.next}` });
      return snapshot;
    } catch (error) {
      if (!(error instanceof CorruptBytesError)) throw error;
      logger.error('snapshot was not usable', {
        partition,
        next: `${name.next}`,
        error: error.message,
      });
    }
  }
  return null;
}
