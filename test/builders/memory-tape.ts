import type { TapeStores } from '#services/replay/tape-stores.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import { openMemoryCommit, openMemoryModelStore } from '#shared/state/embedded/memory-store.ts';

/** The stores of a replay in memory, with the two partitions that show what depends on their number. */
export function memoryTape(partitionCount = 2): TapeStores {
  const log = openMemoryLog({ partitionCount });
  return {
    log,
    commit: openMemoryCommit(log),
    models: openMemoryModelStore(),
    close: () => log.close(),
  };
}
