import { openEnvironment } from '#shared/log/embedded/embedded-environment.ts';
import { openEmbeddedLog } from '#shared/log/embedded/embedded-log.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import {
  openEmbeddedCommit,
  openEmbeddedModelStore,
} from '#shared/state/embedded/embedded-store.ts';
import { openMemoryCommit, openMemoryModelStore } from '#shared/state/embedded/memory-store.ts';
import type { ModelStore } from '#shared/state/model-store.ts';
import type { PartitionCommit } from '#shared/state/partition-commit.ts';

/** What one replay writes to and reads from. */
export interface TapeStores {
  readonly log: EventLog;
  readonly commit: PartitionCommit;
  readonly models: ModelStore;
  close(): Promise<void>;
}

/** On disk, so that a replay that was cut off goes on. @throws LogLockedError `LOG_LOCKED`, LogMismatchError `LOG_MISMATCH` */
export async function openTapeFolder(
  folder: string,
  partitionCount: number,
  settings: Readonly<Record<string, unknown>>,
): Promise<TapeStores> {
  const environment = await openEnvironment({ folder, partitionCount, settings });
  const log = openEmbeddedLog(environment);
  return {
    log,
    commit: openEmbeddedCommit(environment, log),
    models: openEmbeddedModelStore(environment),
    close: () => log.close(),
  };
}

/** In memory; the whole tape must fit. */
export function openTapeMemory(partitionCount: number): TapeStores {
  const log = openMemoryLog({ partitionCount });
  return {
    log,
    commit: openMemoryCommit(log),
    models: openMemoryModelStore(),
    close: () => log.close(),
  };
}
