import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import {
  type MemoryState,
  openMemoryCommit,
  openMemoryModelStore,
} from '#shared/state/embedded/memory-store.ts';
import { modelStoreContract } from '#test/contract/model-store.contract.ts';
import { partitionCommitContract } from '#test/contract/partition-commit.contract.ts';

partitionCommitContract('the memory commit', async () => {
  const state: MemoryState = new Map();
  const log = openMemoryLog({ partitionCount: 2 });
  const other = openMemoryLog({ partitionCount: 2 });
  return {
    outputsAre: 'with the state',
    log,
    store: openMemoryCommit(log, state),
    reopen: async () => ({ log, store: openMemoryCommit(log, state) }),
    reopenAsAnotherRun: async () => ({ log: other, store: openMemoryCommit(other, state) }),
    close: () => log.close(),
  };
});

modelStoreContract('the memory model store', async () => {
  const store = openMemoryModelStore();
  return {
    store,
    corrupt: async (sha) => {
      (await store.get(sha))?.fill(1, 0, 1);
      return store;
    },
    close: async () => undefined,
  };
});
