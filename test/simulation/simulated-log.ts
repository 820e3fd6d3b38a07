import type {
  Bounds,
  EventLog,
  FollowOptions,
  LogRecord,
  Reading,
  SubscribeOptions,
} from '#shared/log/event-log.ts';
import { LogUnavailableError } from '#shared/log/log-errors.ts';
import { partitionsOf, type Topic } from '#shared/log/topics.ts';
import type { Actor } from './actor.ts';
import type { Broker } from './broker.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { GroupReading } from './group-reading.ts';
import type { Network } from './network.ts';
import { PartitionLanes } from './partition-lanes.ts';

export interface SimulatedLogOptions {
  readonly broker: Broker;
  readonly group: ConsumerGroup;
  readonly network: Network;
  readonly actor: Actor;
  readonly quirks: LogQuirks;
}

/** What this log does beyond what its port promises, or at the edge of it. */
export interface LogQuirks {
  /** Records of one batch, at most. */
  readonly batchRecords: number;
  /** Share of batches that begin with records which were read before. */
  redeliveryRate: number;
  /** Share of appends whose acknowledgement is lost, and which are then repeated. */
  repeatRate: number;
  /** A partition that is given to us again is read while the last batch of it still runs. */
  readonly leavesZombies: boolean;
  /** Partitions of `ticks` whose next batch leaves out records, as a client does that resets its offset. */
  readonly skips: Set<number>;
}

/** The log as one process sees it, through a network that loses, delays and repeats. */
export class SimulatedLog implements EventLog {
  readonly run: string;
  readonly partitionCount: number;
  readonly #options: SimulatedLogOptions;
  /** The newest append of each partition: one request is under way, the others wait. */
  readonly #appends = new Map<string, Promise<unknown>>();

  constructor(options: SimulatedLogOptions) {
    this.run = options.broker.run;
    this.partitionCount = options.broker.partitionCount;
    this.#options = options;
  }

  append(
    topic: Topic,
    partition: number,
    values: readonly Uint8Array[],
  ): Promise<{ first: bigint }> {
    const key = `${topic}/${partition}`;
    const copies = values.map((value) => value.slice());
    const send = () => this.#append(topic, partition, copies);
    const appended = (this.#appends.get(key) ?? Promise.resolve()).then(send, send);
    this.#appends.set(key, appended);
    return appended;
  }

  async *read(
    topic: Topic,
    partition: number,
    from: bigint,
    to: bigint,
  ): AsyncGenerator<readonly LogRecord[]> {
    const { end } = await this.bounds(topic, partition);
    const until = to < end ? to : end;
    for (let next = from; next < until; ) {
      const records = await this.#ask(`read ${topic}/${partition} from ${next}`, () =>
        this.#options.broker.slice(topic, partition, next, Number(until - next)),
      );
      next += BigInt(records.length);
      yield records;
    }
  }

  async follow({ topic, startAt, onBatch }: FollowOptions): Promise<Reading> {
    const lanes = this.#lanes(topic, onBatch);
    for (let p = 0; p < partitionsOf(topic, this.partitionCount); p += 1) {
      lanes.hold(p, () => startAt(p));
    }
    return lanes;
  }

  async subscribe(options: SubscribeOptions): Promise<Reading> {
    const { group, actor, network } = this.#options;
    const lanes = this.#lanes(options.topic, options.onBatch);
    return new GroupReading(lanes, options, { group, actor, network });
  }

  async bounds(topic: Topic, partition: number): Promise<Bounds> {
    const extent = await this.#ask(`bounds ${topic}/${partition}`, () =>
      this.#options.broker.extent(topic, partition),
    );
    return { ...extent, topicId: `${this.run}/${topic}` };
  }

  async close(): Promise<void> {}

  #lanes(topic: Topic, onBatch: SubscribeOptions['onBatch']): PartitionLanes {
    const { broker, network, actor, quirks } = this.#options;
    return new PartitionLanes({ broker, network, actor, quirks, topic, onBatch });
  }

  async #append(
    topic: Topic,
    partition: number,
    values: readonly Uint8Array[],
  ): Promise<{ first: bigint }> {
    const { broker, network, quirks, actor } = this.#options;
    const label = `append ${topic}/${partition} x${values.length}`;
    const effect = () => ({ first: broker.append(topic, partition, values) });
    if (network.scheduler.chance(quirks.repeatRate)) {
      await network.call(actor, `${label}, not acknowledged`, effect);
      return network.call(actor, `${label} again`, effect);
    }
    return network.attempt(actor, label, effect, new LogUnavailableError(`lost: ${label}`));
  }

  #ask<T>(label: string, effect: () => T): Promise<T> {
    const { network, actor } = this.#options;
    return network.call(actor, label, effect);
  }
}
