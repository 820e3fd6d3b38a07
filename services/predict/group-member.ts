import type { EventLog, LogBatch, Reading } from '#shared/log/event-log.ts';
import { Assignment, type AssignmentPorts } from './assignment.ts';
import type { PredictConfig } from './config.ts';
import type { RestoreRequest } from './restore-partition.ts';

export interface MemberPorts extends Omit<AssignmentPorts, 'log' | 'onFailure'> {
  readonly log: EventLog;
}

export interface MemberOptions extends Pick<RestoreRequest, 'settings'> {
  readonly config: PredictConfig;
  /** Claims without the group's generation: for a group that was made again and counts from 1. */
  readonly ignoresGeneration: boolean;
}

/** One membership of the group `predict`, from joining to leaving, with the partitions that it is assigned. */
export class GroupMember {
  /** Resolves after `leave`; rejects with the first error that ended the membership. */
  readonly done: Promise<void>;
  readonly #ports: MemberPorts;
  readonly #options: MemberOptions;
  readonly #assignments = new Map<number, Assignment>();
  readonly #failed = Promise.withResolvers<never>();
  /** Resolves once the log hands out nothing more. */
  readonly #halted = Promise.withResolvers<void>();
  readonly #givenUp = new Error('the partition was given up');
  #reading: Reading | null = null;
  #leaving: Promise<void> | null = null;

  private constructor(ports: MemberPorts, options: MemberOptions, joined: Promise<Reading>) {
    this.#ports = ports;
    this.#options = options;
    this.done = this.#run(joined);
    // It may end while other services still start, when nobody awaits it yet.
    this.done.catch(() => undefined);
  }

  /** @throws what `subscribe` throws */
  static async join(ports: MemberPorts, options: MemberOptions): Promise<GroupMember> {
    const joined = Promise.withResolvers<Reading>();
    const member = new GroupMember(ports, options, joined.promise);
    const subscribing = ports.log.subscribe({
      topic: 'ticks',
      group: 'predict',
      onJoined: (partitions) => ports.progress.joined(partitions),
      onAssigned: (partition, generation) => member.#assign(partition, generation),
      onBatch: (batch) => member.#take(batch),
      onRevoked: (partition) => member.#assignments.get(partition)?.close(member.#givenUp),
    });
    joined.resolve(subscribing);
    await subscribing;
    return member;
  }

  /** Saves what is folded, then leaves the group; idempotent. What fails is told by `done`. */
  async leave(): Promise<void> {
    this.#leaving ??= this.#end();
    await this.#leaving.catch(() => undefined);
  }

  async #run(joined: Promise<Reading>): Promise<void> {
    try {
      this.#reading = await joined;
      await Promise.race([this.#reading.done, this.#failed.promise]);
    } catch (error) {
      if (error !== this.#givenUp) throw error;
    } finally {
      this.#leaving ??= this.#end();
      await this.#leaving;
    }
  }

  async #end(): Promise<void> {
    const closings = [...this.#assignments.values()].map((one) => one.close(this.#givenUp));
    const outcomes = await Promise.allSettled(closings);
    // Only now: once we have left, others may claim what was not saved yet.
    const stopped = this.#reading?.stop();
    this.#halted.resolve();
    await stopped;
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  async #assign(partition: number, generation: number): Promise<bigint> {
    if (this.#leaving !== null) throw this.#givenUp;
    await this.#assignments.get(partition)?.close(this.#givenUp);
    const { config, settings, ignoresGeneration } = this.#options;
    const ports = { ...this.#ports, onFailure: this.#failed.reject };
    const known = ignoresGeneration ? 0 : generation;
    const assignment = new Assignment(ports, config, { partition, generation: known, settings });
    this.#assignments.set(partition, assignment);
    return assignment.open();
  }

  async #take(batch: LogBatch): Promise<void> {
    // Never told that it was dealt with: the log might then delete it.
    if (this.#leaving !== null) await this.#halted.promise;
    else await this.#assignments.get(batch.partition)?.take(batch);
  }
}
