import { openEnvironment } from '#shared/log/embedded/embedded-environment.ts';
import { openEmbeddedLog } from '#shared/log/embedded/embedded-log.ts';
import {
  openEmbeddedCommit,
  openEmbeddedModelStore,
} from '#shared/state/embedded/embedded-store.ts';
import type { TapeStores } from './tape-stores.ts';

/** Stores on disk, so that a replay that was cut off goes on. @throws LogLockedError `LOG_LOCKED`, LogMismatchError `LOG_MISMATCH` */
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
