import type { Topic } from '#shared/log/topics.ts';
import type { SymbolName } from '#shared/market/symbol.ts';

/** What the store knows of a partition beside its symbols. */
export interface CheckpointHeader {
  readonly run: string;
  /** Offset in `ticks` of the first record that the state does not yet contain. */
  readonly next: bigint;
  /** The fold's own bytes for the whole partition; the store does not look inside. */
  readonly partitionState: Uint8Array;
}

export interface Claim {
  /** Proves ownership in `commit`; random, 128 bit, hex. */
  readonly token: string;
  /** Null where the partition has never been committed. */
  readonly header: CheckpointHeader | null;
}

export interface SymbolState {
  readonly symbol: SymbolName;
  readonly bytes: Uint8Array;
}

/** Records to append to one partition of a topic as part of the commit. */
export interface Output {
  readonly topic: Topic;
  readonly partition: number;
  readonly values: readonly Uint8Array[];
}

export interface Commit {
  readonly partition: number;
  readonly token: string;
  /** `next` of the state this commit was folded from; 0 at genesis. */
  readonly base: bigint;
  readonly next: bigint;
  readonly partitionState: Uint8Array;
  /** Only the symbols that changed; the others stay as they are. */
  readonly symbols: readonly SymbolState[];
  readonly outputs: readonly Output[];
}

/**
 * State and position, moved together. Promises, for every adapter (test/contract/partition-commit.contract.ts):
 * - `claim` fences every older claim of the partition; a claim with a lower known generation (> 0) than the stored one throws `STATE_FENCED`;
 * - `commit` checks token and base before its first write, then header and symbols change as one; nothing changes where it throws;
 * - outputs are in the log before (or with) the state that contains them: after a crash they may be repeated, never lost;
 * - a `commit` that resolved survives a kill of the process;
 * - `claimEmpty` leaves nothing of an older state, and the commit after it starts from base 0.
 */
export interface PartitionCommit {
  /** @throws StateFencedError `STATE_FENCED`, StateWrongRunError `STATE_WRONG_RUN`, CorruptBytesError `BYTES_CORRUPT` */
  claim(partition: number, generation: number): Promise<Claim>;
  /**
   * Claims, and forgets the state that is stored: for one that does not read back, or that the log no longer reaches. A `claim` that
   * threw `BYTES_CORRUPT` may be followed by this one.
   *
   * @throws StateFencedError `STATE_FENCED`, StateWrongRunError `STATE_WRONG_RUN`
   */
  claimEmpty(partition: number, generation: number): Promise<Claim>;
  /**
   * Every symbol of the partition, in pages.
   *
   * @param at `next` of the claim whose header these symbols are to go with
   * @throws CorruptBytesError `BYTES_CORRUPT` where a checksum differs, StateConflictError `STATE_CONFLICT` where the store stands
   *   elsewhere by now
   */
  load(partition: number, at?: bigint): AsyncIterable<readonly SymbolState[]>;
  /** @throws StateFencedError `STATE_FENCED`, StateConflictError `STATE_CONFLICT` */
  commit(commit: Commit): Promise<void>;
}
