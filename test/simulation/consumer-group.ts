import type { Actor } from './actor.ts';
import type { Scheduler } from './scheduler.ts';

/** One subscription as the coordinator of the group sees it. */
export interface GroupMember {
  readonly actor: Actor;
  /** Told of a new generation, sooner or later. */
  onTold(generation: number, partitions: readonly number[]): void;
  /** Told that the group has gone on without it. */
  onEvicted(): void;
}

/** A rebalance is told to each member by itself, so that a new owner may begin before the old one knows. */
const NOTICE_MS = 30;
const ZOMBIE_MS = 150;

/** The coordinator: eager rebalances, whole numbers as generations, sessions that end. */
export class ConsumerGroup {
  /** How long a member may be silent. */
  readonly sessionMs: number;
  readonly #scheduler: Scheduler;
  readonly #partitionCount: number;
  #members: GroupMember[] = [];
  #generation = 0;

  constructor(scheduler: Scheduler, partitionCount: number, sessionMs: number) {
    this.#scheduler = scheduler;
    this.#partitionCount = partitionCount;
    this.sessionMs = sessionMs;
  }

  join(member: GroupMember): void {
    this.#members.push(member);
    this.rebalance();
  }

  leave(member: GroupMember): void {
    if (!this.#members.includes(member)) return;
    this.#members = this.#members.filter((one) => one !== member);
    this.rebalance();
  }

  /** The actor goes silent now, for so long: its session ends where that is longer. */
  silent(actor: Actor, forMs: number): void {
    if (forMs < this.sessionMs) return;
    this.#scheduler.later(this.sessionMs, `session of ${actor.name} ended`, () => {
      const evicted = this.#members.filter((member) => member.actor === actor);
      if (evicted.length === 0) return;
      this.#members = this.#members.filter((member) => member.actor !== actor);
      this.rebalance();
      for (const member of evicted) this.#tellEvicted(member);
    });
  }

  rebalance(): void {
    this.#generation += 1;
    const generation = this.#generation;
    const first = this.#scheduler.pick(this.#partitionCount);
    this.#members.forEach((member, k) => {
      const partitions: number[] = [];
      for (let p = 0; p < this.#partitionCount; p += 1) {
        if ((p + first) % this.#members.length === k) partitions.push(p);
      }
      const label = `${member.actor.name} told of generation ${generation}: ${partitions.join()}`;
      const tell = (): void => member.onTold(generation, partitions);
      this.#scheduler.later(this.#scheduler.pick(NOTICE_MS), label, tell, member.actor);
    });
  }

  /** It is paused or cut off now, and does not know at once when it is back. */
  #tellEvicted(member: GroupMember): void {
    const { actor } = member;
    const scheduler = this.#scheduler;
    const silentMs = Math.max(0, actor.cutOffUntilMs - scheduler.nowMs);
    scheduler.later(
      silentMs,
      `${actor.name} is heard again`,
      () => {
        const tell = (): void => member.onEvicted();
        scheduler.later(
          scheduler.pick(ZOMBIE_MS),
          `${actor.name} told it was evicted`,
          tell,
          actor,
        );
      },
      actor,
    );
  }
}
