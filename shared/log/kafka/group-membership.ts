import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import type Broker from 'kafkajs/src/broker/index.js';
import type { JoinedGroup } from 'kafkajs/src/broker/index.js';
import type { KafkaConnection } from './kafka-connection.ts';
import { failureOf, isPassing, translated } from './kafka-failure.ts';

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;
const ASSIGNER = 'foretick-ranges';
const FORMAT = 1;
const OFFSETS_MS = 5_000;
/** The others of the group have moved on: what we held is no longer ours, and we join again. */
const REBALANCE = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
]);

export interface GroupMembershipOptions {
  /** Of its own: a join waits on the broker for the other members. */
  readonly connection: KafkaConnection;
  readonly groupId: string;
  readonly topicName: string;
  readonly partitions: number;
  readonly sessionTimeoutMs: number;
  readonly onAssigned: (partitions: readonly number[], generation: number) => void;
  /** Called before joining again, and awaited for a third of the session at most, so that others do not wait longer. */
  readonly onLost: (partitions: readonly number[]) => Promise<void>;
  /** Next offsets of what was read, for lag displays only: recovery never reads them. */
  readonly progress: () => ReadonlyMap<number, bigint>;
}

/**
 * A member of a consumer group: joins, hears by heartbeat of every change, and joins again. Heartbeats run beside the callbacks, so
 * that a long batch loses nothing; `whenFresh` is what holds a process back that was stopped for long.
 */
export class GroupMembership {
  readonly #options: GroupMembershipOptions;
  readonly #stopping = new AbortController();
  #memberId = '';
  #generation = 0;
  #coordinator: Broker | null = null;
  #held: readonly number[] = [];
  #heardAt = Number.NEGATIVE_INFINITY;
  #committedAt = performance.now();
  #news = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();

  constructor(options: GroupMembershipOptions) {
    this.#options = options;
  }

  /** @param onFailure called once where the membership ends by itself */
  start(onFailure: (error: unknown) => void): void {
    this.#running = this.#run().catch(onFailure);
  }

  /** Resolves while the coordinator has been heard within half a session, else when it is heard again or the partitions are lost. */
  async whenFresh(): Promise<void> {
    const isFresh = () => performance.now() - this.#heardAt < this.#options.sessionTimeoutMs / 2;
    if (!isFresh() && this.#held.length > 0) await this.#news.promise;
  }

  /** Leaves the group, so that others need not wait for the session to end. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#tellNews();
    await this.#running;
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    const { connection, groupId } = this.#options;
    try {
      while (!this.#isStopped) {
        await connection.persist(`the join of group ${groupId}`, () => this.#join());
        await this.#beatUntilLost();
        await this.#lose();
      }
    } finally {
      await this.#leave();
      await connection.close();
    }
  }

  /** One attempt. A group that changes meanwhile makes it a passing failure. */
  async #join(): Promise<void> {
    try {
      const coordinator = await this.#findCoordinator();
      this.#take(await this.#exchange(coordinator));
    } catch (error) {
      if (!this.#isRebalance(error)) throw error;
      throw Object.assign(new Error('the group changes'), { retriable: true });
    }
  }

  async #exchange(coordinator: Broker): Promise<readonly number[]> {
    const { groupId, topicName, sessionTimeoutMs } = this.#options;
    const userData = Buffer.alloc(0);
    const metadata = MemberMetadata.encode({ version: FORMAT, topics: [topicName], userData });
    const joined = await coordinator.joinGroup({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: sessionTimeoutMs,
      memberId: this.#memberId,
      protocolType: 'consumer',
      groupProtocols: [{ name: ASSIGNER, metadata }],
    });
    this.#memberId = joined.memberId;
    this.#generation = joined.generationId;
    const { memberAssignment } = await coordinator.syncGroup({
      groupId,
      generationId: joined.generationId,
      memberId: joined.memberId,
      groupAssignment: joined.leaderId === joined.memberId ? this.#assign(joined) : [],
    });
    return MemberAssignment.decode(memberAssignment)?.assignment[topicName] ?? [];
  }

  #take(partitions: readonly number[]): void {
    if (this.#isStopped) return;
    this.#held = partitions;
    this.#heard();
    this.#options.onAssigned(partitions, this.#generation);
  }

  /** Ranges of partitions in the order of the members' ids. */
  #assign({ members }: JoinedGroup): readonly { memberId: string; memberAssignment: Buffer }[] {
    const { topicName, partitions } = this.#options;
    const ids = members.map(({ memberId }) => memberId).sort();
    return ids.map((memberId, k) => {
      const from = Math.floor((k * partitions) / ids.length);
      const to = Math.floor(((k + 1) * partitions) / ids.length);
      const own = Array.from({ length: to - from }, (_, n) => from + n);
      const assignment = { [topicName]: own };
      const memberAssignment = MemberAssignment.encode({
        version: FORMAT,
        assignment,
        userData: Buffer.alloc(0),
      });
      return { memberId, memberAssignment };
    });
  }

  /** Resolves when the group changes, or was not heard for a session. */
  async #beatUntilLost(): Promise<void> {
    const { sessionTimeoutMs } = this.#options;
    const { signal } = this.#stopping;
    let isMember = true;
    while (isMember) {
      await sleep(sessionTimeoutMs / 10, undefined, { signal }).catch(() => undefined);
      isMember = !this.#isStopped && (await this.#beat());
    }
  }

  /** @returns whether what we hold is still ours, as far as can be known */
  async #beat(): Promise<boolean> {
    const { groupId, sessionTimeoutMs } = this.#options;
    try {
      const coordinator = await this.#findCoordinator();
      const memberId = this.#memberId;
      await coordinator.heartbeat({ groupId, groupGenerationId: this.#generation, memberId });
      this.#heard();
      await this.#commitOffsets(coordinator);
      return true;
    } catch (error) {
      if (this.#isRebalance(error)) return false;
      if (!isPassing(error)) throw translated(error, `the group ${groupId}`);
      this.#coordinator = null;
      return performance.now() - this.#heardAt <= sessionTimeoutMs;
    }
  }

  async #findCoordinator(): Promise<Broker> {
    this.#coordinator ??= await this.#options.connection.coordinator(this.#options.groupId);
    return this.#coordinator;
  }

  #isRebalance(error: unknown): boolean {
    const { type = '' } = failureOf(error);
    if (type === 'UNKNOWN_MEMBER_ID') this.#memberId = '';
    if (!REBALANCE.has(type)) {
      if (isPassing(error)) this.#coordinator = null;
      return false;
    }
    if (type !== 'REBALANCE_IN_PROGRESS') this.#coordinator = null;
    return true;
  }

  async #commitOffsets(coordinator: Broker): Promise<void> {
    const { groupId, topicName, progress } = this.#options;
    const offsets = [...progress()];
    if (offsets.length === 0 || performance.now() - this.#committedAt < OFFSETS_MS) return;
    this.#committedAt = performance.now();
    const partitions = offsets.map(([partition, next]) => ({ partition, offset: `${next}` }));
    await coordinator.offsetCommit({
      groupId,
      groupGenerationId: this.#generation,
      memberId: this.#memberId,
      topics: [{ topic: topicName, partitions }],
    });
  }

  async #lose(): Promise<void> {
    const held = this.#held;
    this.#held = [];
    this.#tellNews();
    if (held.length === 0 || this.#isStopped) return;
    const patience = new AbortController();
    const { onLost, sessionTimeoutMs } = this.#options;
    const waited = sleep(sessionTimeoutMs / 3, undefined, { signal: patience.signal }).catch(
      () => undefined,
    );
    await Promise.race([onLost(held), waited]);
    patience.abort();
  }

  async #leave(): Promise<void> {
    if (this.#memberId === '') return;
    const { groupId } = this.#options;
    const memberId = this.#memberId;
    try {
      await (await this.#findCoordinator()).leaveGroup({ groupId, memberId });
    } catch (error) {
      // The session's end does what this would have done.
      if (!isPassing(error) && failureOf(error).type === undefined)
        throw translated(error, groupId);
    }
  }

  #heard(): void {
    this.#heardAt = performance.now();
    this.#tellNews();
  }

  #tellNews(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}
