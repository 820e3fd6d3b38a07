import { randomBytes } from 'node:crypto';
import { CorruptBytesError } from '#shared/errors.ts';
import type { Environment, Table } from '#shared/log/embedded/embedded-environment.ts';
import type { LocalLog } from '#shared/log/embedded/local-log.ts';
import type { SymbolName } from '#shared/market/symbol.ts';
import { artefactName, isArtefactName, requireArtefact } from '../artefact-name.ts';
import {
  requireClaimable,
  requireCommittable,
  requireStandingAt,
  type StoredClaim,
} from '../claim-rules.ts';
import type { ModelStore } from '../model-store.ts';
import type { Claim, Commit, PartitionCommit, SymbolState } from '../partition-commit.ts';
import { seal, unseal } from '../sealed-bytes.ts';
import { decodeClaim, encodeClaim } from './state-record.ts';

const PAGE_SYMBOLS = 256;
const CLAIM = 0;
const SYMBOL = 1;
const NOTHING = new Uint8Array(0);

/**
 * State on disk, in the environment of its log: outputs, header and changed symbols are one transaction, so that embedded there
 * is no repeat to be dropped (docs/decisions/0003-position-and-state-in-one-write.md).
 */
export function openEmbeddedCommit(environment: Environment, log: LocalLog): PartitionCommit {
  return new EmbeddedCommit(environment, log);
}

/** Artefacts in the same environment, keyed by their sha256. */
export function openEmbeddedModelStore(environment: Environment): ModelStore {
  const models = environment.table('models');
  return {
    async put(bytes) {
      const sha = artefactName(bytes);
      await environment.transact(() => models.putSync(Buffer.from(sha, 'hex'), bytes));
      return sha;
    },
    async get(sha) {
      environment.requireOpen();
      // Of anything but hexadecimal digits an empty key is left, which lmdb refuses.
      if (!isArtefactName(sha)) return null;
      const bytes = models.get(Buffer.from(sha, 'hex'));
      if (bytes === undefined) return null;
      requireArtefact(sha, bytes);
      return Uint8Array.from(bytes);
    },
    async remove(sha) {
      if (!isArtefactName(sha)) return;
      await environment.transact(() => models.removeSync(Buffer.from(sha, 'hex')));
    },
  };
}

/** One table for all partitions: partition u32 big-endian, then 0 for the claim or 1 and the symbol's name. */
class EmbeddedCommit implements PartitionCommit {
  readonly #environment: Environment;
  readonly #log: LocalLog;
  readonly #state: Table;

  constructor(environment: Environment, log: LocalLog) {
    this.#environment = environment;
    this.#log = log;
    this.#state = environment.table('state');
  }

  async claim(partition: number, generation: number): Promise<Claim> {
    const { run } = this.#environment;
    const token = randomBytes(16).toString('hex');
    const header = await this.#environment.transact(() => {
      const stored = this.#claimable(partition, generation);
      const next = stored?.next ?? null;
      const partitionState = stored?.partitionState ?? NOTHING;
      const highest = Math.max(generation, stored?.generation ?? 0);
      this.#putClaim(partition, { run, token, generation: highest, next, partitionState });
      return next === null ? null : { run, next, partitionState };
    });
    return { token, header };
  }

  async claimEmpty(partition: number, generation: number): Promise<Claim> {
    const { run } = this.#environment;
    const token = randomBytes(16).toString('hex');
    await this.#environment.transact(() => {
      const highest = this.#claimableDamaged(partition, generation);
      for (const { key } of this.#state.getRange(rangeOf(partition))) this.#state.removeSync(key);
      const claim = { run, token, generation: highest, next: null, partitionState: NOTHING };
      this.#putClaim(partition, claim);
    });
    return { token, header: null };
  }

  async *load(partition: number, at?: bigint): AsyncGenerator<readonly SymbolState[]> {
    this.#environment.requireOpen();
    requireStandingAt(partition, this.#claimOf(partition)?.next ?? null, at);
    const { start: first, end } = rangeOf(partition);
    let start = first;
    for (;;) {
      this.#environment.requireOpen();
      const page: SymbolState[] = [];
      // A page is read to its end before it is yielded: no read transaction stays open while the caller works.
      for (const { key, value } of this.#state.getRange({ start, end, limit: PAGE_SYMBOLS })) {
        const symbol = symbolOf(key);
        const bytes = unseal(value, `state of ${symbol} in partition ${partition}`);
        page.push({ symbol, bytes });
      }
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      // No symbol holds a NUL, so this is the first key after the last one.
      start = keyOf(partition, SYMBOL, `${last.symbol}\0`);
    }
  }

  async commit(commit: Commit): Promise<void> {
    const { partition, next, partitionState } = commit;
    await this.#log.appendTogether(commit.outputs, () => {
      const stored = this.#claimOf(partition);
      requireCommittable(stored, commit);
      for (const { symbol, bytes } of commit.symbols) {
        this.#state.putSync(keyOf(partition, SYMBOL, symbol), seal(bytes));
      }
      this.#putClaim(partition, { ...stored, next, partitionState });
    });
  }

  #claimable(partition: number, generation: number): StoredClaim | null {
    const stored = this.#claimOf(partition);
    const { run } = this.#environment;
    if (stored !== null) requireClaimable(stored, { run, partition, generation });
    return stored;
  }

  /** @returns the highest generation; ours where what is stored cannot be read any more */
  #claimableDamaged(partition: number, generation: number): number {
    try {
      const stored = this.#claimable(partition, generation);
      return Math.max(generation, stored?.generation ?? 0);
    } catch (error) {
      if (error instanceof CorruptBytesError) return generation;
      throw error;
    }
  }

  #claimOf(partition: number): StoredClaim | null {
    const bytes = this.#state.get(keyOf(partition, CLAIM, ''));
    return bytes === undefined ? null : decodeClaim(bytes, `claim of partition ${partition}`);
  }

  #putClaim(partition: number, claim: StoredClaim): void {
    this.#state.putSync(keyOf(partition, CLAIM, ''), encodeClaim(claim));
  }
}

function rangeOf(partition: number): { readonly start: Buffer; readonly end: Buffer } {
  return { start: keyOf(partition, SYMBOL, ''), end: keyOf(partition, SYMBOL + 1, '') };
}

function keyOf(partition: number, kind: number, symbol: string): Buffer {
  const key = Buffer.alloc(5 + Buffer.byteLength(symbol));
  key.writeUInt32BE(partition);
  key.writeUInt8(kind, 4);
  key.write(symbol, 5);
  return key;
}

function symbolOf(key: Uint8Array): SymbolName {
  return Buffer.from(key.subarray(5)).toString() as SymbolName;
}
