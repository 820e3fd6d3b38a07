import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CorruptBytesError } from '#shared/errors.ts';
import { decodeSnapshot, snapshotPieces } from '../snapshot-record.ts';
import {
  keptBeside,
  type Snapshot,
  type SnapshotName,
  type SnapshotStore,
} from '../snapshot-store.ts';
import { SnapshotWriteError, StateUnavailableError } from '../state-errors.ts';
import { isMissing, removeLeftovers, writeDurably } from './durable-file.ts';

const NAME = /^(\d{1,20})-(\d{1,16})\.snapshot$/;

/** Snapshots in a folder that every predict process sees: `<folder>/<run>/<partition>/<next>-<takenAtMs>.snapshot`. */
export function openFileSnapshotStore(folder: string): SnapshotStore {
  return new FileSnapshots(folder);
}

class FileSnapshots implements SnapshotStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(snapshot: Snapshot): Promise<void> {
    const { run, partition } = snapshot;
    const folder = this.#folderOf(run, partition);
    try {
      await writeDurably(folder, fileOf(snapshot), snapshotPieces(snapshot));
      const others = await this.list(run, partition);
      for (const name of others.filter((one) => !keptBeside(snapshot, others).includes(one))) {
        await rm(join(folder, fileOf(name)), { force: true });
      }
      await removeLeftovers(folder);
    } catch (error) {
      const message = `a snapshot of partition ${partition} must be written to ${folder}, was not`;
      throw new SnapshotWriteError(message, { partition, folder }, error);
    }
  }

  async list(run: string, partition: number): Promise<readonly SnapshotName[]> {
    const folder = this.#folderOf(run, partition);
    const files = await unlessMissing(readdir(folder), folder);
    return (files ?? [])
      .flatMap((file) => {
        const [, next, takenAtMs] = NAME.exec(file) ?? [];
        if (next === undefined) return [];
        return [{ run, partition, next: BigInt(next), takenAtMs: Number(takenAtMs) }];
      })
      .sort(byPosition);
  }

  async read(name: SnapshotName): Promise<Snapshot> {
    const path = join(this.#folderOf(name.run, name.partition), fileOf(name));
    const bytes = await unlessMissing(readFile(path), path);
    if (bytes === null) throw new CorruptBytesError(`${path} must be there, was not`, { path });
    const snapshot = decodeSnapshot(bytes, path);
    const { run, partition, next } = snapshot;
    if (run === name.run && partition === name.partition && next === name.next) return snapshot;
    throw new CorruptBytesError(
      `${path} must be of its name, was of ${run}/${partition} at ${next}`,
      { path, run, partition, next },
    );
  }

  /** A run's name is Kafka's topic id or ours; encoded, so that no name leads out of the folder. */
  #folderOf(run: string, partition: number): string {
    return join(this.#folder, `run-${encodeURIComponent(run)}`, `${partition}`);
  }
}

function fileOf({ next, takenAtMs }: SnapshotName): string {
  return `${next}-${takenAtMs}.snapshot`;
}

function byPosition(a: SnapshotName, b: SnapshotName): number {
  if (a.next !== b.next) return a.next > b.next ? -1 : 1;
  return b.takenAtMs - a.takenAtMs;
}

async function unlessMissing<T>(reading: Promise<T>, path: string): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (isMissing(error)) return null;
    throw new StateUnavailableError(`${path} must be readable, was not`, { path }, error);
  }
}
