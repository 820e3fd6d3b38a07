import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CorruptBytesError } from '#shared/errors.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { requireClaimable, requireCommittable } from '../claim-rules.ts';
import type { Claim, Commit, PartitionCommit, SymbolState } from '../partition-commit.ts';
import { StateConflictError } from '../state-errors.ts';
import { CheckpointDigest, EMPTY_DIGEST } from './checkpoint-digest.ts';
import { RedisCheckpoint, type Standing, storedFieldsOf } from './redis-checkpoint.ts';
import { type Argument, type RedisCalls, RedisConnection, scriptOf } from './redis-connection.ts';

const FORMAT = '1';
const SAVE_ATTEMPTS = 8;
const CLAIM = scriptOf(readFileSync(new URL('./claim.lua', import.meta.url), 'utf8'));
const COMMIT = scriptOf(readFileSync(new URL('./commit.lua', import.meta.url), 'utf8'));

export interface RedisCommitOptions {
  /** redis: or rediss:, with user, password and database where needed. */
  readonly url: string;
  /** Begins every key, so that several pipelines may share a server. */
  readonly prefix: string;
  readonly run: string;
  /** Outputs are appended to it, and acknowledged, before the state that contains them is saved. */
  readonly log: Pick<EventLog, 'append'>;
  /** How long a call waits for a server that is away, in ms; 10 s where absent. */
  readonly patienceMs?: number;
}

export interface RedisCommit extends PartitionCommit {
  /** Who owns a partition and where it stands; claims nothing. */
  standing(partition: number): Promise<Standing>;
  close(): Promise<void>;
}

/**
 * State in Redis, one hash per partition and nothing beside it, moved by a compare-and-set on token and position
 * (docs/decisions/0014-redis-checkpoints.md).
 *
 * @throws StateEvictableError `STATE_EVICTABLE`, StateUnavailableError `STATE_UNAVAILABLE`
 */
export async function openRedisCommit(options: RedisCommitOptions): Promise<RedisCommit> {
  return redisCommitOver(await RedisConnection.open(options.url, options.patienceMs), options);
}

/** The same over a connection that is there already. */
export function redisCommitOver(
  redis: RedisCalls,
  options: Omit<RedisCommitOptions, 'url' | 'patienceMs'>,
): RedisCommit {
  return new HashCommit(redis, options);
}

class HashCommit implements RedisCommit {
  readonly #redis: RedisCalls;
  readonly #options: Omit<RedisCommitOptions, 'url' | 'patienceMs'>;
  /** What each partition held when we last saw all of it; worth something only while the stored digest is the same. */
  readonly #digests = new Map<number, CheckpointDigest>();

  constructor(redis: RedisCalls, options: Omit<RedisCommitOptions, 'url' | 'patienceMs'>) {
    this.#redis = redis;
    this.#options = options;
  }

  async claim(partition: number, generation: number): Promise<Claim> {
    const { token, reply } = await this.#claim(partition, generation, 'keep');
    const [, next, , sealed] = reply;
    if (next === null) return { token, header: null };
    const { run } = this.#options;
    const checkpoint = this.#checkpoint(partition);
    const partitionState = checkpoint.partitionState(sealed ?? new Uint8Array(0));
    return { token, header: { run, next: checkpoint.offsetOf(next), partitionState } };
  }

  async claimEmpty(partition: number, generation: number): Promise<Claim> {
    const { token } = await this.#claim(partition, generation, 'forget');
    return { token, header: null };
  }

  async *load(partition: number, at?: bigint): AsyncGenerator<readonly SymbolState[]> {
    const digest = yield* this.#checkpoint(partition).pages(at);
    this.#digests.set(partition, digest);
  }

  async commit(commit: Commit): Promise<void> {
    const { partition, token, base, next, outputs } = commit;
    const { claim, digest: stored } = await this.#checkpoint(partition).standing();
    // The script checks this again. Asked before, too, so that an owner that was fenced long ago writes no outputs either.
    requireCommittable(claim, commit);
    const before = await this.#digestOf(partition, stored);
    const { values, hashes } = storedFieldsOf(commit);
    const digest = before.with(hashes);
    for (const { topic, partition: to, values: records } of outputs) {
      await this.#options.log.append(topic, to, records);
    }
    const head = [this.#options.run, token, `${base}`, 'next', `${next}`, 'dig', digest];
    await this.#save(commit, digest, [...head, ...values.flat()]);
    before.set(hashes);
  }

  standing(partition: number): Promise<Standing> {
    return this.#checkpoint(partition).standing();
  }

  close(): Promise<void> {
    return this.#redis.close();
  }

  async #claim(
    partition: number,
    generation: number,
    stored: 'keep' | 'forget',
  ): Promise<{ readonly token: string; readonly reply: readonly (Buffer | null)[] }> {
    // A failover may have led us to a server with other settings.
    await this.#redis.requireNoEviction();
    const { key } = this.#checkpoint(partition);
    const token = randomBytes(16).toString('hex');
    const args = [FORMAT, this.#options.run, `${generation}`, token, stored];
    const reply = (await this.#redis.askScript(CLAIM, key, args)) as (Buffer | null)[];
    if (`${reply[0]}` !== 'OK') await this.#refuseClaim(partition, generation, reply);
    return { token, reply };
  }

  /** Saves once, whatever becomes of the replies: whether a save took effect whose reply was lost, the store itself tells. */
  async #save(commit: Commit, digest: string, args: readonly Argument[]): Promise<void> {
    const { key } = this.#checkpoint(commit.partition);
    let lost: Error | null = null;
    for (let attempt = 0; attempt < SAVE_ATTEMPTS; attempt += 1) {
      const answer = await this.#redis.attemptScript(COMMIT, key, args);
      const verdict = 'reply' in answer ? `${(answer.reply as Buffer[])[0]}` : 'lost';
      if (verdict === 'OK') return;
      if ('lost' in answer) lost = answer.lost;
      // Of a refusal, too, once a reply was lost: that attempt may have reached the server after we asked what became of it.
      if (await this.#refusedOrSaved(commit, { verdict, digest, isRepeat: lost !== null })) return;
    }
    throw this.#redis.unavailable(`lost ${SAVE_ATTEMPTS} replies to one commit`, lost);
  }

  /** @returns true where the store holds this commit, false where it may be tried again */
  async #refusedOrSaved(
    commit: Commit,
    tried: { readonly verdict: string; readonly digest: string; readonly isRepeat: boolean },
  ): Promise<boolean> {
    const { partition, token, next } = commit;
    const { claim, digest } = await this.#checkpoint(partition).standing();
    const isOurs = claim?.token === token && claim.next === next && digest === tried.digest;
    if (isOurs && tried.isRepeat) return true;
    requireCommittable(claim, commit);
    if (tried.verdict === 'lost') return false;
    throw new StateConflictError(
      `commit of partition ${partition} was refused with ${tried.verdict}, then the store stood as expected`,
      { partition, verdict: tried.verdict },
    );
  }

  async #refuseClaim(
    partition: number,
    generation: number,
    [verdict, found]: readonly (Buffer | null)[],
  ): Promise<void> {
    if (`${verdict}` === 'WRONG_FORMAT') {
      throw new CorruptBytesError(
        `checkpoint of partition ${partition} must have format ${FORMAT}, was ${found}`,
        { partition, expected: FORMAT, found: `${found}` },
      );
    }
    const { claim } = await this.#checkpoint(partition).standing();
    const { run } = this.#options;
    if (claim !== null) requireClaimable(claim, { run, partition, generation });
    throw new StateConflictError(
      `claim of partition ${partition} was refused with ${verdict} ${found}, then could be made`,
      { partition, verdict: `${verdict}`, found: `${found}` },
    );
  }

  /** What a commit adds to; read from the store where we have not seen all of it. */
  async #digestOf(partition: number, stored: string): Promise<CheckpointDigest> {
    const held = this.#digests.get(partition);
    if (`${held}` === stored) return held as CheckpointDigest;
    if (stored === EMPTY_DIGEST) this.#digests.set(partition, new CheckpointDigest());
    else for await (const _ of this.load(partition));
    return this.#digests.get(partition) as CheckpointDigest;
  }

  /** The braces are a hash tag: a cluster keeps whatever is of one partition in one place. */
  #checkpoint(partition: number): RedisCheckpoint {
    const { prefix, run } = this.#options;
    return new RedisCheckpoint(this.#redis, `{${prefix}:${run}:${partition}}:ck`, partition);
  }
}
