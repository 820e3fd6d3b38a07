import type { LogBatch, LogRecord, Reading } from '#shared/log/event-log.ts';
import type { Topic } from '#shared/log/topics.ts';
import type { Actor } from './actor.ts';
import type { Broker } from './broker.ts';
import type { Network } from './network.ts';
import type { LogQuirks } from './simulated-log.ts';

export interface PartitionLanesOptions {
  readonly broker: Broker;
  readonly network: Network;
  readonly actor: Actor;
  readonly quirks: LogQuirks;
  readonly topic: Topic;
  readonly onBatch: (batch: LogBatch) => Promise<void>;
}

interface Lane {
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/** Loops over partitions, one each, as the Kafka adapter has them: the first error of any that is not aborted ends all. */
export class PartitionLanes implements Reading {
  readonly done: Promise<void>;
  readonly #options: PartitionLanesOptions;
  readonly #done = Promise.withResolvers<void>();
  readonly #lanes = new Map<number, Lane>();
  #before: () => void = () => {};
  #isStopped = false;
  #ending: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor(options: PartitionLanesOptions) {
    this.#options = options;
    this.done = this.#done.promise;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  get partitions(): readonly number[] {
    return [...this.#lanes.keys()];
  }

  /** What ends before `done` settles, once. */
  endsWith(before: () => void): void {
    this.#before = before;
  }

  hold(partition: number, startAt: () => bigint | Promise<bigint>): void {
    if (this.#isStopped) return;
    const { leavesZombies } = this.#options.quirks;
    const previous = leavesZombies ? undefined : this.#lanes.get(partition)?.ended;
    const abort = new AbortController();
    const ended = this.#run(partition, startAt, abort.signal, previous);
    this.#lanes.set(partition, { abort, ended });
  }

  /** No batch begins from now on; resolves when the running ones have ended. */
  async release(): Promise<void> {
    const lanes = [...this.#lanes.values()];
    for (const { abort } of lanes) abort.abort();
    await Promise.all(lanes.map(({ ended }) => ended));
  }

  async stop(): Promise<void> {
    this.#ending ??= this.#end();
    await this.#ending;
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#ending ??= this.#end();
  }

  async #end(): Promise<void> {
    this.#isStopped = true;
    await this.release();
    this.#before();
    if (this.#failure === null) this.#done.resolve();
    else this.#done.reject(this.#failure.error);
  }

  async #run(
    partition: number,
    startAt: () => bigint | Promise<bigint>,
    signal: AbortSignal,
    previous: Promise<void> | undefined,
  ): Promise<void> {
    await this.#turn(partition);
    await previous;
    if (signal.aborted) return;
    try {
      await this.#read(partition, startAt, signal);
    } catch (error) {
      // What a fenced callback throws after its partition was revoked is the fence at work, not a fault of the reading.
      if (!signal.aborted || this.#isStopped) this.fail(error);
    }
  }

  async #read(
    partition: number,
    startAt: () => bigint | Promise<bigint>,
    signal: AbortSignal,
  ): Promise<void> {
    const { topic, onBatch } = this.#options;
    const aborted = new Promise<readonly LogRecord[]>((resolve) => {
      signal.addEventListener('abort', () => resolve([]), { once: true });
    });
    let next = await startAt();
    while (!signal.aborted) {
      const records = await Promise.race([this.#fetch(partition, next), aborted]);
      const last = records.at(-1);
      if (signal.aborted || last === undefined) return;
      next = last.offset + 1n;
      await onBatch({ topic, partition, records });
    }
  }

  /** Waits at the broker for a first record. @throws LogTruncatedError `LOG_TRUNCATED` */
  #fetch(partition: number, next: bigint): Promise<readonly LogRecord[]> {
    const { broker, network, actor, topic } = this.#options;
    const { scheduler } = network;
    const label = `${actor.name} fetch ${topic}/${partition}`;
    return new Promise((resolve, reject) => {
      const answer = (): void => {
        try {
          const records = this.#serve(partition, next);
          const told = `${label} ${next} x${records.length}`;
          scheduler.later(network.latencyMs(actor), told, () => resolve(records), actor);
        } catch (error) {
          scheduler.later(network.latencyMs(actor), `${label} failed`, () => reject(error), actor);
        }
      };
      const arrive = (): void => {
        if (broker.extent(topic, partition).end === next) {
          broker.whenAppended(topic, partition, answer);
        } else answer();
      };
      scheduler.later(network.latencyMs(actor), label, arrive, actor);
    });
  }

  #serve(partition: number, next: bigint): readonly LogRecord[] {
    const { broker, network, quirks, topic } = this.#options;
    const { scheduler } = network;
    const count = 1 + scheduler.pick(quirks.batchRecords);
    const { start, end } = broker.extent(topic, partition);
    if (topic === 'ticks' && end - next > 1n && quirks.skips.has(partition)) {
      return broker.slice(topic, partition, next + 1n, count);
    }
    if (!scheduler.chance(quirks.redeliveryRate))
      return broker.slice(topic, partition, next, count);
    const back = BigInt(1 + scheduler.pick(5));
    const from = next - back < start ? start : next - back;
    return broker.slice(topic, partition, from, Math.max(Number(next - from) - 1, 0) + count);
  }

  #turn(partition: number): Promise<void> {
    const { network, actor, topic } = this.#options;
    return new Promise((resolve) => {
      const label = `${actor.name} begins ${topic}/${partition}`;
      network.scheduler.later(0, label, resolve, actor);
    });
  }
}
