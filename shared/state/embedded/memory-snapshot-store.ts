import { CorruptBytesError } from '#shared/errors.ts';
import { decodeSnapshot, snapshotPieces } from '../snapshot-record.ts';
import { keptBeside, type SnapshotName, type SnapshotStore } from '../snapshot-store.ts';

/** What a memory store keeps, furthest position first; handing the same one to a second store stands for a restart. */
export type MemorySnapshots = { name: SnapshotName; bytes: Uint8Array }[];

/** Snapshots in memory, as the bytes that a file would hold. */
export function openMemorySnapshotStore(kept: MemorySnapshots = []): SnapshotStore {
  const isOf = (run: string, partition: number) => (one: MemorySnapshots[number]) =>
    one.name.run === run && one.name.partition === partition;
  return {
    async write(snapshot) {
      const { run, partition, next, takenAtMs } = snapshot;
      const bytes = Buffer.concat([...snapshotPieces(snapshot)]);
      const name = { run, partition, next, takenAtMs };
      const others = kept.filter(isOf(run, partition)).map((one) => one.name);
      const stay = keptBeside(name, others);
      const rest = kept.filter((one) => !isOf(run, partition)(one) || stay.includes(one.name));
      rest.push({ name, bytes });
      rest.sort((a, b) => (a.name.next > b.name.next ? -1 : 1));
      kept.splice(0, kept.length, ...rest);
    },
    async list(run, partition) {
      return kept.filter(isOf(run, partition)).map(({ name }) => name);
    },
    async read(name) {
      const found = kept.find(
        (one) => one.name.next === name.next && isOf(name.run, name.partition)(one),
      );
      if (found === undefined) throw new CorruptBytesError('a snapshot must be there, was not');
      return decodeSnapshot(found.bytes, `snapshot ${name.partition} at ${name.next}`);
    },
  };
}
