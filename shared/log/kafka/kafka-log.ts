import type {
  Bounds,
  EventLog,
  FollowOptions,
  LogRecord,
  Reading,
  SubscribeOptions,
} from '../event-log.ts';
import { LogClosedError, LogMismatchError } from '../log-errors.ts';
import { partitionsOf, TOPICS, type Topic } from '../topics.ts';
import { GroupMembership } from './group-membership.ts';
import { type KafkaAccess, KafkaConnection } from './kafka-connection.ts';
import { KafkaReading } from './kafka-reading.ts';
import { ensureTopics, findTopics, topicName } from './kafka-topics.ts';
import { extentOf, fetchFrom, type PartitionName } from './partition-fetch.ts';
import { PartitionWriter } from './partition-writer.ts';

const BATCH_LIMIT = 1000;
const READ_WAIT_MS = 1_000;
const PATIENCE_MS = 30_000;
const SESSION_MS = 10_000;

export interface KafkaLogOptions {
  /** `host:port`, one or more of the cluster's. */
  readonly brokers: readonly string[];
  /** Topics are `<prefix>.ticks` and so on, groups `<prefix>.<group>`. */
  readonly prefix: string;
  readonly partitionCount: number;
  /** Replicas of a topic that is made here; 1 where absent. Production wants 3. */
  readonly replicas?: number;
  /** Records younger than this are kept; -1, all, where absent. */
  readonly retentionMs?: number;
  readonly clientId?: string;
  /** How long a request is tried again while brokers are away; 30 s where absent. */
  readonly patienceMs?: number;
  /** A group takes a silent member for gone after this; 10 s where absent. */
  readonly sessionTimeoutMs?: number;
}

/**
 * The log on Kafka. Its run is the topic id of `<prefix>.ticks`: the cluster keeps it, and a topic that was made again has another.
 *
 * @throws LogMismatchError `LOG_MISMATCH` where topics differ from what was asked for; LogUnavailableError `LOG_UNAVAILABLE`
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  const {
    brokers,
    prefix,
    partitionCount,
    clientId = 'foretick',
    patienceMs = PATIENCE_MS,
  } = options;
  const { replicas = 1, retentionMs = -1, sessionTimeoutMs = SESSION_MS } = options;
  const access: KafkaAccess = { brokers, clientId, patienceMs };
  const connect = (topics: readonly string[]) => new KafkaConnection(access, topics);
  const wish = { prefix, partitionCount, replicas, retentionMs };
  const topicIds = await ensureTopics(access, connect, wish);
  const connection = connect(TOPICS.map((topic) => topicName(prefix, topic)));
  return new KafkaLog({ connection, prefix, partitionCount, topicIds, sessionTimeoutMs });
}

/**
 * The log of topics that are there, with the partitions that they have, to be read. Nothing is made.
 *
 * @throws LogMismatchError `LOG_MISMATCH` where a topic is missing; LogUnavailableError `LOG_UNAVAILABLE`
 */
export async function findKafkaLog(
  options: Pick<KafkaLogOptions, 'brokers' | 'prefix' | 'clientId' | 'patienceMs'>,
): Promise<EventLog> {
  const { brokers, prefix, clientId = 'foretick', patienceMs = PATIENCE_MS } = options;
  const access: KafkaAccess = { brokers, clientId, patienceMs };
  const connect = (topics: readonly string[]) => new KafkaConnection(access, topics);
  const found = await findTopics(connect, prefix);
  const connection = connect(TOPICS.map((topic) => topicName(prefix, topic)));
  return new KafkaLog({ connection, prefix, ...found, sessionTimeoutMs: SESSION_MS });
}

interface OpenedKafka {
  readonly connection: KafkaConnection;
  readonly prefix: string;
  readonly partitionCount: number;
  readonly topicIds: ReadonlyMap<Topic, string>;
  readonly sessionTimeoutMs: number;
}

class KafkaLog implements EventLog {
  readonly run: string;
  readonly partitionCount: number;
  readonly #opened: OpenedKafka;
  readonly #writers = new Map<string, PartitionWriter>();
  readonly #readings = new Set<Reading>();
  #closing: Promise<void> | null = null;

  constructor(opened: OpenedKafka) {
    this.#opened = opened;
    this.run = opened.topicIds.get('ticks') ?? '';
    this.partitionCount = opened.partitionCount;
  }

  async append(
    topic: Topic,
    partition: number,
    values: readonly Uint8Array[],
  ): Promise<{ first: bigint }> {
    this.#requireOpen();
    this.#requirePartition(topic, partition);
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
    this.#requirePartition(topic, partition);
    const { connection, topicIds } = this.#opened;
    const at = this.#at(topic, partition);
    const extent = await connection.persist(`the bounds of ${at.topic}/${partition}`, async () =>
      extentOf(await connection.leader(at.topic, partition), at),
    );
    return { ...extent, topicId: topicIds.get(topic) ?? '' };
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

  #requirePartition(topic: Topic, partition: number): void {
    const count = partitionsOf(topic, this.partitionCount);
    if (!Number.isInteger(partition) || partition < 0 || partition >= count) {
      throw new LogMismatchError(
        `a partition of ${topic} must be 0 to ${count - 1}, was ${partition}`,
        { topic, partition, count },
      );
    }
  }
}
