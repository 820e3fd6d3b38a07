import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { Database, RootDatabase } from 'lmdb';
import type { PipelineError } from '#shared/errors.ts';
import { LogClosedError, LogLockedError, LogMismatchError, LogWriteError } from '../log-errors.ts';
import { PARTITIONER } from '../partitioner.ts';
import {
  decodeManifest,
  encodeManifest,
  type RunManifest,
  requireSameManifest,
} from '../run-manifest.ts';
import { BINARY, openRoot } from './lmdb-root.ts';
import {
  decodeIdentity,
  encodeIdentity,
  identityOf,
  isAlive,
  type ProcessIdentity,
} from './process-identity.ts';

/** Layout of everything in the environment; rises when an older build could misread it. 2: records have checksums. */
const FORMAT = 2;
const MANIFEST_KEY = Buffer.from('manifest');
const OWNER_KEY = Buffer.from('owner');
const MOST_PARTITIONS = 256;

/** A table of the environment: bytes by bytes, in the order of the keys. */
export type Table = Database<Uint8Array, Uint8Array>;

export interface EnvironmentOptions {
  /** Made where it is absent. On a local disk: lmdb maps the file. */
  readonly folder: string;
  readonly partitionCount: number;
  /** Plain JSON, pinned at the first start; every later start must bring the same. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Newest records kept per partition of every topic; all where absent. */
  readonly retainRecords?: number;
}

/**
 * One lmdb environment over log and state, open in one process at a time. lmdb lets one writer in, whatever process it is in, so
 * manifest and owner are compared and set in one transaction, and there is no lock file to be left behind.
 *
 * @throws LogLockedError `LOG_LOCKED`, LogMismatchError `LOG_MISMATCH`
 */
export async function openEnvironment(options: EnvironmentOptions): Promise<Environment> {
  await mkdir(options.folder, { recursive: true }).catch((cause: unknown) => {
    const { folder } = options;
    throw new LogWriteError(
      `${folder} must be a folder that can be made and written, was not: ${String(cause)}`,
      { folder },
      cause,
    );
  });
  const root = openRoot(options);
  try {
    const manifest = root.transactionSync(() => takePossession(root, options));
    return new Environment(root, manifest, { ...options, isReadOnly: false });
  } catch (error) {
    await root.close();
    throw error;
  }
}

/**
 * A folder as it stands, only to be read, also while another process writes to it. What that one writes later is not seen by a log
 * that is opened on it.
 *
 * @throws LogMismatchError `LOG_MISMATCH` where it is no folder of a log, or one of another format
 */
export async function readEnvironment(folder: string): Promise<Environment> {
  const root = openRoot({ folder, partitionCount: MOST_PARTITIONS }, { readOnly: true });
  try {
    const stored = root.get(MANIFEST_KEY);
    if (stored === undefined) throw new LogMismatchError(`${folder} must hold a run, was empty`);
    const manifest = decodeManifest(stored);
    requireSameManifest(
      { ...manifest, format: FORMAT, partitioner: PARTITIONER },
      manifest,
      folder,
    );
    return new Environment(root, manifest, { folder, isReadOnly: true });
  } catch (error) {
    await root.close();
    throw error;
  }
}

export class Environment {
  readonly folder: string;
  readonly run: string;
  readonly partitionCount: number;
  /** As the manifest pins them. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Infinity where all is kept. */
  readonly retainRecords: number;
  readonly #root: RootDatabase<Uint8Array, Uint8Array>;
  readonly #owner: Uint8Array;
  readonly #isReadOnly: boolean;
  readonly #tables = new Map<string, Table>();
  #isClosed = false;

  /** Made by `openEnvironment` and `readEnvironment` only. */
  constructor(
    root: RootDatabase<Uint8Array, Uint8Array>,
    { run, partitionCount, settings }: RunManifest,
    options: Pick<EnvironmentOptions, 'folder' | 'retainRecords'> & {
      readonly isReadOnly: boolean;
    },
  ) {
    this.folder = options.folder;
    this.run = run;
    this.partitionCount = partitionCount;
    this.settings = settings;
    this.retainRecords = options.retainRecords ?? Number.POSITIVE_INFINITY;
    this.#isReadOnly = options.isReadOnly;
    this.#root = root;
    this.#owner = encodeIdentity(ownIdentity());
  }

  /**
   * The same table for the same name. Not to be called inside `transact`.
   *
   * @throws LogMismatchError `LOG_MISMATCH` where it is missing in a folder that is only read
   */
  table(name: string): Table {
    this.requireOpen();
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const table: Table | undefined = this.#root.openDB({ name, ...BINARY });
    if (table === undefined) {
      throw new LogMismatchError(`${this.folder} must hold the table ${name}, did not`, { name });
    }
    this.#tables.set(name, table);
    return table;
  }

  /**
   * All reads and writes of `action` as one transaction, undone where it throws. Resolves when they are on the disk, not when
   * they can be seen: what is told to anyone must survive a power cut.
   *
   * @throws LogLockedError `LOG_LOCKED` where another process took the folder over, LogWriteError `LOG_WRITE_FAILED`
   */
  async transact<T>(action: () => T): Promise<T> {
    this.requireOpen();
    let failure: unknown = null;
    const committed = this.#root.childTransaction(() => {
      try {
        this.#requireOwned();
        return action();
      } catch (error) {
        failure = error;
        throw error;
      }
    });
    // Asked for in the same turn, so that it stands for the flush of this transaction.
    const flushed = new Promise<void>((resolve, reject) => {
      this.#root.flushed.then(() => resolve(), reject);
    });
    flushed.catch(() => undefined);
    try {
      const result = await committed;
      await flushed;
      return result;
    } catch (cause) {
      if (failure !== null) throw failure;
      throw new LogWriteError(
        `the transaction on ${this.folder} must reach the disk, failed: ${String(cause)}`,
        { folder: this.folder },
        cause,
      );
    }
  }

  requireOpen(): void {
    if (this.#isClosed) throw new LogClosedError(`${this.folder} must be open, was closed`);
  }

  /** Waits for running transactions, gives the folder free. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#isReadOnly) {
      await this.#root.flushed;
      this.#root.transactionSync(() => {
        if (this.#isOwned()) this.#root.removeSync(OWNER_KEY);
      });
    }
    await this.#root.close();
  }

  /** Two hosts of one folder cannot see each other's processes; the one that came last wins, and the other stops here. */
  #requireOwned(): void {
    if (this.#isOwned()) return;
    const owner = decodeIdentity(this.#root.get(OWNER_KEY));
    throw lockedBy(this.folder, owner);
  }

  #isOwned(): boolean {
    const owner = this.#root.get(OWNER_KEY);
    return owner !== undefined && Buffer.compare(owner, this.#owner) === 0;
  }
}

/** Runs inside a transaction: refuses a living owner, then another manifest, then writes ours. */
function takePossession(
  root: RootDatabase<Uint8Array, Uint8Array>,
  options: EnvironmentOptions,
): RunManifest {
  const owner = decodeIdentity(root.get(OWNER_KEY));
  if (owner !== null && isAlive(owner)) throw lockedBy(options.folder, owner);
  const wanted: RunManifest = {
    format: FORMAT,
    run: randomUUID(),
    partitionCount: options.partitionCount,
    partitioner: PARTITIONER,
    settings: options.settings,
  };
  const stored = root.get(MANIFEST_KEY);
  const manifest = stored === undefined ? wanted : decodeManifest(stored);
  requireSameManifest(wanted, manifest, options.folder);
  if (stored === undefined) root.putSync(MANIFEST_KEY, encodeManifest(wanted));
  root.putSync(OWNER_KEY, encodeIdentity(ownIdentity()));
  return manifest;
}

function ownIdentity(): ProcessIdentity {
  const identity = identityOf(process.pid);
  if (identity === null) throw new LogLockedError('our own process must be visible, was not');
  return identity;
}

function lockedBy(folder: string, owner: ProcessIdentity | null): PipelineError {
  return new LogLockedError(
    `${folder} must be free, was open in process ${owner?.pid ?? 'unknown'}`,
    { folder, pid: owner?.pid ?? null },
  );
}
