import type Broker from 'kafkajs/src/broker/index.js';
import { LogUnavailableError, LogWriteError } from '../log-errors.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { failureOf } from './kafka-failure.ts';
import { requestProduce } from './partition-requests.ts';
import { encodeRecordBatch } from './record-batch.ts';

const BATCH_RECORDS = 1000;
const BATCH_BYTES = 1024 * 1024;
/** An append is one record batch, and a topic takes batches of 9 MiB. */
const APPEND_BYTES = 8 * 1024 * 1024;
/** Kafka counts sequence numbers to the largest int32, then from 0. */
const SEQUENCES = 2 ** 31;
/** The broker has forgotten this producer, and took nothing of the request. */
const FORGOTTEN = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
]);

interface Waiting {
  readonly values: readonly Uint8Array[];
  readonly bytes: number;
  readonly resolve: (first: bigint) => void;
  readonly reject: (error: unknown) => void;
}

interface Producer {
  readonly id: string;
  readonly epoch: number;
  nextSequence: number;
}

/**
 * Appends to one partition: one idempotent producer with one request in flight. A request that is tried again keeps its sequence
 * number, so the broker knows a repeat from a new one (kafkajs' own producer gives a number back on failure, and has lost
 * acknowledged messages where sends overlapped). Appends that wait are sent as one record batch, each contiguous and all or nothing.
 */
export class PartitionWriter {
  readonly #connection: KafkaConnection;
  readonly #topic: string;
  readonly #partition: number;
  readonly #waiting: Waiting[] = [];
  #producer: Producer | null = null;
  #sending: Promise<void> | null = null;

  constructor(connection: KafkaConnection, topic: string, partition: number) {
    this.#connection = connection;
    this.#topic = topic;
    this.#partition = partition;
  }

  /** @returns the offset of the first value. @throws LogUnavailableError, LogWriteError */
  async append(values: readonly Uint8Array[]): Promise<bigint> {
    const bytes = values.reduce((sum, value) => sum + value.length, 0);
    if (bytes > APPEND_BYTES) {
      const details = { topic: this.#topic, partition: this.#partition, bytes };
      const what = `an append to ${this.#topic}/${this.#partition}`;
      throw new LogWriteError(
        `${what} must be at most ${APPEND_BYTES} bytes, was ${bytes}`,
        details,
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ values, bytes, resolve, reject });
      this.#sending ??= this.#sendAll();
    });
  }

  /** Resolves when nothing waits or is in flight. */
  async drained(): Promise<void> {
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    // One turn, so that appends of one moment share a batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#nextBatch();
      try {
        let first = await this.#send(batch.flatMap(({ values }) => values));
        for (const { values, resolve } of batch) {
          resolve(first);
          first += BigInt(values.length);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#sending = null;
  }

  #nextBatch(): Waiting[] {
    let records = 0;
    let bytes = 0;
    let count = 0;
    for (const one of this.#waiting) {
      records += one.values.length;
      bytes += one.bytes;
      if (count > 0 && (records > BATCH_RECORDS || bytes > BATCH_BYTES)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #send(values: readonly Uint8Array[]): Promise<bigint> {
    const where = `an append to ${this.#topic}/${this.#partition}`;
    let attempts = 0;
    try {
      return await this.#connection.persist(where, async () => {
        const broker = await this.#connection.leader(this.#topic, this.#partition);
        this.#producer ??= await newProducer(broker);
        attempts++;
        try {
          return await this.#produce(broker, this.#producer, values);
        } catch (error) {
          if (!FORGOTTEN.has(failureOf(error).type ?? '')) throw error;
          this.#producer = null;
          if (attempts > 1) throw doubtful(where, error);
          // Refused at the first attempt: nothing of it is in the log, so a new producer may send it.
          throw Object.assign(new Error('the broker forgot the producer'), { retriable: true });
        }
      });
    } catch (error) {
      // What of it was written is not known; a later append must not be taken for its repeat.
      this.#producer = null;
      throw error;
    }
  }

  async #produce(
    broker: Broker,
    producer: Producer,
    values: readonly Uint8Array[],
  ): Promise<bigint> {
    const firstSequence = producer.nextSequence;
    const at = { topic: this.#topic, partition: this.#partition };
    const batch = encodeRecordBatch(values, {
      producerId: BigInt(producer.id),
      producerEpoch: producer.epoch,
      firstSequence,
      nowMs: Date.now(),
    });
    const first = await requestProduce(broker, at, batch);
    producer.nextSequence = (firstSequence + values.length) % SEQUENCES;
    return first;
  }
}

async function newProducer(broker: Broker): Promise<Producer> {
  const { producerId, producerEpoch } = await broker.initProducerId({ transactionTimeout: 0 });
  return { id: producerId, epoch: producerEpoch, nextSequence: 0 };
}

function doubtful(where: string, cause: unknown): LogUnavailableError {
  const message = `${where} must be known as kept or not; the broker forgot it while it was repeated`;
  return new LogUnavailableError(message, { where }, cause);
}
