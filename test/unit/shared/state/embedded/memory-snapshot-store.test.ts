import {
  type MemorySnapshots,
  openMemorySnapshotStore,
} from '#shared/state/embedded/memory-snapshot-store.ts';
import { snapshotStoreContract } from '#test/contract/snapshot-store.contract.ts';

snapshotStoreContract('the memory of snapshots', async () => {
  const kept: MemorySnapshots = [];
  return {
    store: openMemorySnapshotStore(kept),
    reopen: async () => openMemorySnapshotStore(kept),
    damage: async ({ next }, how) => {
      const one = kept.find(({ name }) => name.next === next);
      if (one === undefined) throw new Error('there must be one to damage');
      if (how === 'cut') one.bytes = one.bytes.subarray(0, -5);
      else one.bytes[40] ^= 4;
    },
    close: async () => undefined,
  };
});
