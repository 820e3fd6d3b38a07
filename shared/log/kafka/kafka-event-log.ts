import type {
  Bounds,
  EventLog,
  FollowOptions,
  LogRecord,
  Reading,
  SubscribeOptions,
} from '../event-log.ts';
import { LogClosedError } from '../log-errors.ts';
import { partitionsOf, requirePartition, type Topic } from '../topics.ts';
import { GroupMembership } from './group-membership.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { KafkaReading } from './kafka-reading.ts';
import { type Identities, identityOf } from './kafka-topics.ts';
import { extentOf, fetchFrom } from './partition-fetch.ts';
import { PartitionWriter } from './partition-writer.ts';
import type { PartitionName } from './record-batch.ts';
import { topicName } from './topic-plan.ts';

const BATCH_LIMIT = 1000;
const READ_WAIT_MS = 1_000;

export interface OpenedKafka {
  readonly connection: KafkaConnection;
  readonly prefix: string;
  readonly partitionCount: number;
  readonly identities: Identities;
  readonly sessionTimeoutMs: number;
}

/** The log over topics that are there and verified: `kafka-log.ts` opens it. */
export class KafkaEventLog implements EventLog {
  readonly run: string;
  readonly partitionCount: number;
  readonly #opened: OpenedKafka;
  readonly #writers = new Map<string, PartitionWriter>();
  readonly #readings = new Set<Reading>();
  #closing: Promise<void> | null = null;

  constructor(opened: OpenedKafka) {
    this.#opened = opened;
    this.run = identityOf(opened.identities, 'ticks').id;
    this.partitionCount = opened.partitionCount;
  }

  async append(
    topic: Topic,
    partition: number,
    values: readonly Uint8Array[],
  ): Promise<{ first: bigint }> {
    this.#requireOpen();
    requirePartition(topic, partition, this.partitionCount);
    if (values.length === 0) return { first: (await this.bounds(topic, partition)).end };
    return { first: await this.#writer(topic, partition).append(values) };
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
      const records = await this.#fetch(topic, partition, next);
      const wanted = records.slice(0, Number(until - next));
      for (let at = 0; at < wanted.length; at += BATCH_LIMIT) {
        this.#requireOpen();
        yield wanted.slice(at, at + BATCH_LIMIT);
      }
      next += BigInt(wanted.length);
    }
  }

  async follow({ topic, startAt, onBatch }: FollowOptions): Promise<Reading> {
    this.#requireOpen();
    const reading = this.#reading({ topic, onBatch, mayBegin: async () => undefined });
    for (let p = 0; p < partitionsOf(topic, this.partitionCount); p++) {
      reading.hold(p, () => startAt(p));
    }
    return reading;
  }

  async subscribe(options: SubscribeOptions): Promise<Reading> {
    this.#requireOpen();
    const { topic, group, onAssigned, onBatch, onRevoked } = options;
    const progress = new Map<number, bigint>();
    const reading = this.#reading({
      topic,
      mayBegin: () => membership.whenFresh(),
      onBatch: async (batch) => {
        await onBatch(batch);
        const last = batch.records.at(-1) as LogRecord;
        progress.set(batch.partition, last.offset + 1n);
      },
    });
    const membership = new GroupMembership({
      connection: this.#opened.connection.another(),
      groupId: `${this.#opened.prefix}.${group}`,
      topicName: topicName(this.#opened.prefix, topic),
      partitions: partitionsOf(topic, this.partitionCount),
      sessionTimeoutMs: this.#opened.sessionTimeoutMs,
      onAssigned: (partitions, generation) => {
        options.onJoined?.(partitions);
        for (const p of partitions) reading.hold(p, () => onAssigned(p, generation));
      },
      onLost: async (partitions) => {
        progress.clear();
        const released = reading.release();
        await Promise.all([released, ...partitions.map((p) => onRevoked(p))]);
      },
      progress: () => progress,
    });
    reading.endsWith(() => membership.stop());
    membership.start((error) => reading.fail(error));
    return reading;
  }

  async bounds(topic: Topic, partition: number): Promise<Bounds> {
    this.#requireOpen();
    requirePartition(topic, partition, this.partitionCount);
    const { connection, identities } = this.#opened;
    const at = this.#at(topic, partition);
    const extent = await connection.persist(`the bounds of ${at.topic}/${partition}`, async () =>
      extentOf(await connection.leader(at.topic, partition), at),
    );
    return { ...extent, topicId: identityOf(identities, topic).id };
  }

  /** Ends every reading, drains the appends, then the connections. Not to be awaited inside a callback of a reading. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#readings].map((reading) => reading.stop()));
    await Promise.all([...this.#writers.values()].map((writer) => writer.drained()));
    await this.#opened.connection.close();
  }

  #reading(
    options: Pick<ConstructorParameters<typeof KafkaReading>[0], 'topic' | 'onBatch' | 'mayBegin'>,
  ): KafkaReading {
    const { connection, prefix } = this.#opened;
    const reading = new KafkaReading({
      ...options,
      connection,
      topicName: topicName(prefix, options.topic),
    });
    this.#readings.add(reading);
    const forget = (): void => void this.#readings.delete(reading);
    reading.signal.addEventListener('abort', forget, { once: true });
    return reading;
  }

  #fetch(topic: Topic, partition: number, from: bigint): Promise<LogRecord[]> {
    this.#requireOpen();
    const { connection } = this.#opened;
    const at = this.#at(topic, partition);
    return connection.persist(`a read of ${at.topic}/${partition} from ${from}`, async () =>
      fetchFrom(await connection.leader(at.topic, partition), at, from, READ_WAIT_MS),
    );
  }

  #writer(topic: Topic, partition: number): PartitionWriter {
    const key = `${topic}/${partition}`;
    const known = this.#writers.get(key);
    if (known !== undefined) return known;
    const at = this.#at(topic, partition);
    const writer = new PartitionWriter(this.#opened.connection, at.topic, partition);
    this.#writers.set(key, writer);
    return writer;
  }

  #at(topic: Topic, partition: number): PartitionName {
    return { topic: topicName(this.#opened.prefix, topic), partition };
  }

  #requireOpen(): void {
    if (this.#closing !== null) throw new LogClosedError('the log must be open, was closed');
  }
}
