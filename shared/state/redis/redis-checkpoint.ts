import { CorruptBytesError } from '#shared/errors.ts';
import { asSymbol } from '#shared/market/symbol.ts';
import { requireStandingAt, type StoredClaim } from '../claim-rules.ts';
import type { Commit, SymbolState } from '../partition-commit.ts';
import { seal, unseal } from '../sealed-bytes.ts';
import { StateConflictError } from '../state-errors.ts';
import { CheckpointDigest, EMPTY_DIGEST, hashOfField } from './checkpoint-digest.ts';
import type { RedisCalls } from './redis-connection.ts';

const PAGE_SYMBOLS = 128;
const SYMBOL = 's:';
const PARTITION_STATE = 'part';
const OFFSET = /^\d{1,20}$/;

/** Who owns a checkpoint, where it stands, and the digest of what it holds. */
export interface Standing {
  readonly claim: StoredClaim | null;
  readonly digest: string;
}

/** A commit's fields as they are stored, and what each adds to the digest. */
export interface StoredFields {
  readonly values: readonly (readonly [name: string, value: Buffer])[];
  readonly hashes: ReadonlyMap<string, bigint>;
}

/**
 * The hash of one partition: `fmt`, `run`, `gen` (highest generation that claimed), `tok`, `next`, `dig`, `part` (the fold's own
 * bytes) and `s:<symbol>`. The last two kinds are sealed with a checksum each, and `dig` is the sum over them and `next`.
 */
export class RedisCheckpoint {
  readonly key: string;
  readonly #redis: RedisCalls;
  readonly #partition: number;

  constructor(redis: RedisCalls, key: string, partition: number) {
    this.#redis = redis;
    this.key = key;
    this.#partition = partition;
  }

  async standing(): Promise<Standing> {
    const names = ['run', 'tok', 'gen', 'next', 'dig'];
    const [run, token, generation, next, digest] = await this.#fields(names);
    if (run === null) return { claim: null, digest: EMPTY_DIGEST };
    const claim = {
      run: `${run}`,
      token: `${token}`,
      generation: Number(`${generation ?? 0}`),
      next: next === null ? null : this.offsetOf(next),
      partitionState: new Uint8Array(0),
    };
    return { claim, digest: digest === null ? EMPTY_DIGEST : `${digest}` };
  }

  /**
   * Every symbol, page by page, and at the end the digest of all, which must be the stored one.
   *
   * @param at where the state must stand; absent: anywhere
   * @throws CorruptBytesError `BYTES_CORRUPT`, StateConflictError `STATE_CONFLICT` where another owner, or a server that went back
   *   to an older image, moved it meanwhile
   */
  async *pages(at?: bigint): AsyncGenerator<readonly SymbolState[], CheckpointDigest> {
    const before = await this.#fields(['next', 'dig', PARTITION_STATE]);
    const [next, stored, sealed] = before;
    requireStandingAt(this.#partition, next === null ? null : this.offsetOf(next), at);
    const hashes = new Map<string, bigint>();
    if (sealed !== null) {
      const bytes = this.partitionState(sealed);
      hashes.set(PARTITION_STATE, hashOfPartition(`${next}`, bytes));
    }
    const fields = (await this.#redis.ask('HKEYS', this.key)) as Buffer[];
    const names = fields.map(String).filter((name) => name.startsWith(SYMBOL));
    for (let from = 0; from < names.length; from += PAGE_SYMBOLS) {
      yield await this.#page(names.slice(from, from + PAGE_SYMBOLS), hashes);
    }
    await this.#requireStill(`${next}`, `${stored}`);
    const digest = new CheckpointDigest(hashes);
    this.#requireDigest(`${digest}`, stored === null ? EMPTY_DIGEST : `${stored}`);
    return digest;
  }

  offsetOf(bytes: Buffer): bigint {
    const text = bytes.toString('latin1');
    if (OFFSET.test(text)) return BigInt(text);
    throw new CorruptBytesError(
      `position of partition ${this.#partition} must be decimal digits, was ${text.slice(0, 40)}`,
      { partition: this.#partition, found: text.slice(0, 40) },
    );
  }

  partitionState(sealed: Uint8Array): Uint8Array {
    return unseal(sealed, `state of partition ${this.#partition}`);
  }

  async #page(
    names: readonly string[],
    hashes: Map<string, bigint>,
  ): Promise<readonly SymbolState[]> {
    const values = await this.#fields(names);
    return names.map((name, k) => {
      const symbol = asSymbol(name.slice(SYMBOL.length));
      const what = `state of ${symbol} in partition ${this.#partition}`;
      const bytes = unseal(values[k] ?? new Uint8Array(0), what);
      hashes.set(name, hashOfField(name, bytes));
      return { symbol, bytes };
    });
  }

  /** Pages are many reads: they are of one state only if that has not moved meanwhile. */
  async #requireStill(next: string, digest: string): Promise<void> {
    const [nextNow, digestNow] = await this.#fields(['next', 'dig']);
    if (`${nextNow}` === next && `${digestNow}` === digest) return;
    const partition = this.#partition;
    throw new StateConflictError(
      `state of partition ${partition} must stay at ${next} while it is read, moved to ${nextNow}`,
      { partition, expected: next, found: `${nextNow}` },
    );
  }

  #requireDigest(found: string, expected: string): void {
    if (found === expected) return;
    const partition = this.#partition;
    throw new CorruptBytesError(
      `state of partition ${partition} must have digest ${expected}, was ${found}: its fields are not of one commit`,
      { partition, expected, found },
    );
  }

  async #fields(names: readonly string[]): Promise<(Buffer | null)[]> {
    return (await this.#redis.ask('HMGET', this.key, ...names)) as (Buffer | null)[];
  }
}

export function storedFieldsOf({ next, partitionState, symbols }: Commit): StoredFields {
  const hashes = new Map([[PARTITION_STATE, hashOfPartition(`${next}`, partitionState)]]);
  const values: [string, Buffer][] = [[PARTITION_STATE, sealed(partitionState)]];
  for (const { symbol, bytes } of symbols) {
    const name = `${SYMBOL}${symbol}`;
    hashes.set(name, hashOfField(name, bytes));
    values.push([name, sealed(bytes)]);
  }
  return { values, hashes };
}

/** The position is part of what is hashed, so that state of one commit under the position of another is found. */
function hashOfPartition(next: string, bytes: Uint8Array): bigint {
  return hashOfField(`${PARTITION_STATE} ${next}`, bytes);
}

function sealed(bytes: Uint8Array): Buffer {
  const { buffer, byteOffset, byteLength } = seal(bytes);
  return Buffer.from(buffer, byteOffset, byteLength);
}
