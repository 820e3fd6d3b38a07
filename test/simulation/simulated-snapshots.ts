import { CorruptBytesError } from '#shared/errors.ts';
import type { Snapshot, SnapshotName, SnapshotStore } from '#shared/state/snapshot-store.ts';
import type { Actor } from './actor.ts';
import type { Network } from './network.ts';

const KEPT = 2;

/** Every snapshot that was written whole. */
export class SnapshotShelf {
  #snapshots: Snapshot[] = [];

  put(snapshot: Snapshot): void {
    const copy: Snapshot = {
      ...snapshot,
      partitionState: snapshot.partitionState.slice(),
      symbols: snapshot.symbols.map(({ symbol, bytes }) => ({ symbol, bytes: bytes.slice() })),
    };
    const others = this.list(snapshot.run, snapshot.partition).slice(0, KEPT - 1);
    this.#snapshots = this.#snapshots.filter(
      (one) => one.partition !== snapshot.partition || others.includes(one),
    );
    this.#snapshots.push(copy);
  }

  clear(): void {
    this.#snapshots = [];
  }

  /** Furthest position first. */
  list(run: string, partition: number): readonly Snapshot[] {
    return this.#snapshots
      .filter((one) => one.run === run && one.partition === partition)
      .sort((a, b) => Number(b.next - a.next));
  }
}

/** The shelf as one process sees it. A process that dies while it writes leaves nothing, or all of it. */
export function simulatedSnapshots(
  shelf: SnapshotShelf,
  network: Network,
  actor: Actor,
): SnapshotStore {
  return {
    write: (snapshot) =>
      network.call(actor, `write snapshot ${snapshot.partition} at ${snapshot.next}`, () =>
        shelf.put(snapshot),
      ),
    list: (run, partition) =>
      network.call(actor, `list snapshots ${partition}`, () => shelf.list(run, partition)),
    read: (name) =>
      network.call(actor, `read snapshot ${name.partition} at ${name.next}`, () =>
        found(shelf, name),
      ),
  };
}

function found(shelf: SnapshotShelf, name: SnapshotName): Snapshot {
  const { run, partition, next } = name;
  const snapshot = shelf.list(run, partition).find((one) => one.next === next);
  if (snapshot !== undefined) return snapshot;
  throw new CorruptBytesError(`no snapshot of partition ${partition} at ${next}`);
}
