import type { SymbolState } from './partition-commit.ts';

/** A partition's whole state at one position, as of a checkpoint. */
export interface Snapshot {
  readonly run: string;
  readonly partition: number;
  /** Offset in `ticks` of the first record that the state does not yet contain. */
  readonly next: bigint;
  /** Wall-clock time, ms since 1970; for displays and the pace of snapshots, never for recovery. */
  readonly takenAtMs: number;
  /** The fold's own bytes for the whole partition. */
  readonly partitionState: Uint8Array;
  /** Every symbol of the partition. */
  readonly symbols: readonly SymbolState[];
}

/** A snapshot's place in the store, without its bytes. */
export type SnapshotName = Pick<Snapshot, 'run' | 'partition' | 'next' | 'takenAtMs'>;

/**
 * The floor under the state store: full copies of partitions outside it, for a store that was wiped, rolled back or damaged.
 * Promises (test/contract/snapshot-store.contract.ts):
 * - a `write` that resolved survives a kill of the process; one that did not leaves no snapshot that reads back;
 * - the one just written and the newest other of its run and partition are kept;
 * - `read` gives back exactly what was written, or throws `BYTES_CORRUPT`.
 */
export interface SnapshotStore {
  /** @throws SnapshotWriteError `SNAPSHOT_WRITE_FAILED` */
  write(snapshot: Snapshot): Promise<void>;
  /** What is there of a partition, furthest position first. */
  list(run: string, partition: number): Promise<readonly SnapshotName[]>;
  /** @throws CorruptBytesError `BYTES_CORRUPT` where it does not read back, or is no longer there */
  read(name: SnapshotName): Promise<Snapshot>;
}

/**
 * Which others stay beside the snapshot that was just written: the furthest one. Not simply the two furthest, since those may be
 * damaged and this one the only whole one.
 *
 * @param others furthest first; the one written may be among them
 */
export function keptBeside(
  written: SnapshotName,
  others: readonly SnapshotName[],
): readonly SnapshotName[] {
  const isWritten = ({ next, takenAtMs }: SnapshotName): boolean =>
    next === written.next && takenAtMs === written.takenAtMs;
  const furthest = others.find((one) => !isWritten(one));
  return others.filter((one) => isWritten(one) || one === furthest);
}
