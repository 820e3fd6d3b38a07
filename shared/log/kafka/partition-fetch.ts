import type Broker from 'kafkajs/src/broker/index.js';
import type { LogRecord } from '../event-log.ts';
import { LogTruncatedError } from '../log-errors.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { failureOf } from './kafka-failure.ts';
import { requestFetch } from './partition-requests.ts';
import { decodeRecordBatches, type PartitionName } from './record-batch.ts';

const CONSUMER = -1;
const READ_UNCOMMITTED = 0;
const EARLIEST = '-2';
const LATEST = '-1';

/**
 * The records from `from` on that one fetch gives, none where there is none within `waitMs`. One attempt: for use inside `persist`.
 *
 * @throws LogTruncatedError `LOG_TRUNCATED` where the log does not reach `from`; what `decodeRecordBatches` throws
 */
export async function fetchFrom(
  broker: Broker,
  at: PartitionName,
  from: bigint,
  waitMs: number,
): Promise<LogRecord[]> {
  try {
    return decodeRecordBatches(at, from, await requestFetch(broker, at, from, waitMs));
  } catch (error) {
    if (failureOf(error).type !== 'OFFSET_OUT_OF_RANGE') throw error;
    throw await outOfRange(broker, at, from, error);
  }
}

export interface PartitionExtent {
  readonly start: bigint;
  readonly end: bigint;
}

/** One attempt: for use inside `persist`. */
export async function extentOf(broker: Broker, at: PartitionName): Promise<PartitionExtent> {
  const start = await offsetAt(broker, at, EARLIEST);
  return { start, end: await offsetAt(broker, at, LATEST) };
}

async function offsetAt(broker: Broker, at: PartitionName, timestamp: string): Promise<bigint> {
  const { responses } = await broker.listOffsets({
    replicaId: CONSUMER,
    isolationLevel: READ_UNCOMMITTED,
    topics: [{ topic: at.topic, partitions: [{ partition: at.partition, timestamp }] }],
  });
  return BigInt(responses[0].partitions[0].offset);
}

async function outOfRange(
  broker: Broker,
  at: PartitionName,
  from: bigint,
  cause: unknown,
): Promise<Error> {
  const { start, end } = await extentOf(broker, at);
  const where = `${at.topic}/${at.partition}`;
  if (from < start) {
    const message = `${where} must hold offset ${from}, began at ${start}`;
    return new LogTruncatedError(message, { ...at, from, start }, cause);
  }
  if (from > end) {
    const message = `${where} must reach offset ${from}, ended at ${end}`;
    return new LogTruncatedError(message, { ...at, from, end }, cause);
  }
  // A new leader that has not caught up with what its readers have seen says so for a moment.
  return Object.assign(new Error(`${where} is not ready at ${from}`), { retriable: true });
}

/** Fetches of one partition over a connection of its own, so that waiting for records holds up no other partition. */
export class PartitionFetcher {
  readonly #connection: KafkaConnection;
  readonly #at: PartitionName;
  #broker: Broker | null = null;

  constructor(connection: KafkaConnection, at: PartitionName) {
    this.#connection = connection;
    this.#at = at;
  }

  async fetch(from: bigint, waitMs: number, signal: AbortSignal): Promise<LogRecord[]> {
    const { topic, partition } = this.#at;
    const what = `a fetch of ${topic}/${partition} from ${from}`;
    return this.#connection.persist(
      what,
      async () => {
        try {
          this.#broker ??= await this.#connection.ownLeader(topic, partition);
          return await fetchFrom(this.#broker, this.#at, from, waitMs);
        } catch (error) {
          this.close();
          throw error;
        }
      },
      signal,
    );
  }

  /** Ends the connection once its last request is answered; that is not waited for. */
  close(): void {
    const broker = this.#broker;
    this.#broker = null;
    void broker?.disconnect().catch(() => undefined);
  }
}
