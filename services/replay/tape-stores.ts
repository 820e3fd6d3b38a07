import type { EventLog } from '#shared/log/event-log.ts';
import type { ModelStore } from '#shared/state/model-store.ts';
import type { PartitionCommit } from '#shared/state/partition-commit.ts';

/** What one replay writes to and reads from. */
export interface TapeStores {
  readonly log: EventLog;
  readonly commit: PartitionCommit;
  readonly models: ModelStore;
  close(): Promise<void>;
}
