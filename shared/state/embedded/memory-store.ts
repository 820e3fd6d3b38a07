import { randomBytes } from 'node:crypto';
import type { LocalLog } from '#shared/log/embedded/local-log.ts';
import type { SymbolName } from '#shared/market/symbol.ts';
import { artefactName, requireArtefact } from '../artefact-name.ts';
import {
  requireClaimable,
  requireCommittable,
  requireStandingAt,
  type StoredClaim,
} from '../claim-rules.ts';
import type { ModelStore } from '../model-store.ts';
import type { Claim, Commit, PartitionCommit, SymbolState } from '../partition-commit.ts';

const PAGE_SYMBOLS = 256;

interface Kept {
  readonly claim: StoredClaim;
  readonly symbols: Map<SymbolName, Uint8Array>;
}

/** What a memory commit keeps; handing the same one to a second commit stands for a restart. */
export type MemoryState = Map<number, Kept>;

/** State in memory, its outputs on a memory log, moved together. */
export function openMemoryCommit(log: LocalLog, kept: MemoryState = new Map()): PartitionCommit {
  return new MemoryCommit(log, kept);
}

/** Artefacts in memory. */
export function openMemoryModelStore(): ModelStore {
  const artefacts = new Map<string, Uint8Array>();
  return {
    async put(bytes) {
      const sha = artefactName(bytes);
      artefacts.set(sha, bytes.slice());
      return sha;
    },
    async get(sha) {
      const bytes = artefacts.get(sha);
      if (bytes === undefined) return null;
      // Handed out without a copy, so a caller that writes into an artefact is found out here.
      requireArtefact(sha, bytes);
      return bytes;
    },
    async remove(sha) {
      artefacts.delete(sha);
    },
  };
}

class MemoryCommit implements PartitionCommit {
  readonly #log: LocalLog;
  readonly #kept: MemoryState;

  constructor(log: LocalLog, kept: MemoryState) {
    this.#log = log;
    this.#kept = kept;
  }

  async claim(partition: number, generation: number): Promise<Claim> {
    const { run } = this.#log;
    const kept = this.#kept.get(partition);
    if (kept !== undefined) requireClaimable(kept.claim, { run, partition, generation });
    const token = randomBytes(16).toString('hex');
    const before = kept?.claim;
    const claim: StoredClaim = {
      run,
      token,
      generation: Math.max(generation, before?.generation ?? 0),
      next: before?.next ?? null,
      partitionState: before?.partitionState ?? new Uint8Array(0),
    };
    this.#kept.set(partition, { claim, symbols: kept?.symbols ?? new Map() });
    const { next, partitionState } = claim;
    return { token, header: next === null ? null : { run, next, partitionState } };
  }

  async claimEmpty(partition: number, generation: number): Promise<Claim> {
    const { token } = await this.claim(partition, generation);
    const kept = this.#kept.get(partition);
    if (kept === undefined) throw new Error(`partition ${partition} was claimed a moment ago`);
    const claim = { ...kept.claim, next: null, partitionState: new Uint8Array(0) };
    this.#kept.set(partition, { claim, symbols: new Map() });
    return { token, header: null };
  }

  async *load(partition: number, at?: bigint): AsyncGenerator<readonly SymbolState[]> {
    const kept = this.#kept.get(partition);
    requireStandingAt(partition, kept?.claim.next ?? null, at);
    const symbols = [...(kept?.symbols ?? [])];
    for (let from = 0; from < symbols.length; from += PAGE_SYMBOLS) {
      yield symbols.slice(from, from + PAGE_SYMBOLS).map(([symbol, bytes]) => ({ symbol, bytes }));
    }
  }

  async commit(commit: Commit): Promise<void> {
    const { partition, next, partitionState } = commit;
    await this.#log.appendTogether(commit.outputs, () => {
      const kept = this.#kept.get(partition);
      const stored = kept?.claim ?? null;
      requireCommittable(stored, commit);
      const symbols = kept?.symbols ?? new Map<SymbolName, Uint8Array>();
      for (const { symbol, bytes } of commit.symbols) symbols.set(symbol, bytes.slice());
      const claim = { ...stored, next, partitionState: partitionState.slice() };
      this.#kept.set(partition, { claim, symbols });
    });
  }
}
