import type Broker from 'kafkajs/src/broker/index.js';
import Encoder from 'kafkajs/src/protocol/encoder.js';
import errors from 'kafkajs/src/protocol/error.js';
import { failureOf } from './kafka-failure.ts';
import type { PartitionName } from './record-batch.ts';

const PRODUCE = { apiKey: 0, apiVersion: 7, apiName: 'Produce' };
const FETCH = { apiKey: 1, apiVersion: 11, apiName: 'Fetch' };
const ALL_REPLICAS = -1;
const PRODUCE_MS = 10_000;
const FETCH_BYTES = 1024 * 1024;
const CONSUMER = -1;
const READ_UNCOMMITTED = 0;
const NONE = -1;

/** Appends a record batch. @returns the offset of its first record. One attempt: for use inside `persist`. */
export async function requestProduce(
  broker: Broker,
  { topic, partition }: PartitionName,
  batch: Uint8Array,
): Promise<bigint> {
  const request = () =>
    new Encoder(batch.length + 128)
      .writeInt16(NONE)
      .writeInt16(ALL_REPLICAS)
      .writeInt32(PRODUCE_MS)
      .writeInt32(1)
      .writeString(topic)
      .writeInt32(1)
      .writeInt32(partition)
      .writeBytes(Buffer.from(batch.buffer, batch.byteOffset, batch.length));
  return send(broker, PRODUCE, request, (bytes) => {
    const from = new AnswerReader(bytes);
    from.skip(4);
    from.skipText();
    from.skip(4 + 4);
    const errorCode = from.int16();
    const value = from.int64();
    from.skip(8 + 8);
    return { errorCode, value, clientSideThrottleTime: from.int32() };
  });
}

/** Record batches from the one on that holds offset `from`, the last of them maybe cut off. One attempt: for use inside `persist`. */
export async function requestFetch(
  broker: Broker,
  { topic, partition }: PartitionName,
  from: bigint,
  waitMs: number,
): Promise<Uint8Array> {
  const request = () =>
    new Encoder()
      .writeInt32(CONSUMER)
      .writeInt32(waitMs)
      .writeInt32(1)
      .writeInt32(FETCH_BYTES)
      .writeInt8(READ_UNCOMMITTED)
      // No session, and nothing to be left out of it.
      .writeInt32(0)
      .writeInt32(NONE)
      .writeInt32(1)
      .writeString(topic)
      .writeInt32(1)
      .writeInt32(partition)
      .writeInt32(NONE)
      .writeInt64(`${from}`)
      .writeInt64(`${NONE}`)
      .writeInt32(FETCH_BYTES)
      .writeInt32(0)
      .writeString('');
  return send(broker, FETCH, request, (bytes) => {
    const answer = new AnswerReader(bytes);
    const clientSideThrottleTime = answer.int32();
    const sessionError = answer.int16();
    answer.skip(4);
    if (sessionError !== 0 || answer.int32() === 0) {
      return { errorCode: sessionError, value: new Uint8Array(0), clientSideThrottleTime };
    }
    answer.skipText();
    answer.skip(4 + 4);
    const errorCode = answer.int16();
    answer.skip(8 + 8 + 8);
    // Transactions that were given up, a producer's id and an offset each; their marks are no records of ours.
    answer.skip(16 * Math.max(0, answer.int32()));
    answer.skip(4);
    return { errorCode, value: answer.bytes(), clientSideThrottleTime };
  });
}

interface Answer<T> {
  /** Of Kafka; 0: none. */
  readonly errorCode: number;
  readonly value: T;
  /** What kafkajs asks each answer for: ms until the broker listens again. */
  readonly clientSideThrottleTime: number;
}

/** Bytes of ours over a connection of kafkajs. @throws its errors, KafkaJSProtocolError for a code of Kafka's */
async function send<T>(
  broker: Broker,
  api: typeof PRODUCE,
  encode: () => Encoder,
  decode: (bytes: Buffer) => Answer<T>,
): Promise<T> {
  const request = { ...api, encode: async () => encode() };
  const response = {
    decode: async (bytes: Buffer) => decode(bytes),
    parse: async ({ errorCode, value }: Answer<T>) => {
      if (errorCode !== 0) throw errors.createErrorFromCode(errorCode);
      return value;
    },
  };
  try {
    return (await broker.connectionPool.send({ request, response })) as T;
  } catch (error) {
    if (failureOf(error).name === 'KafkaJSConnectionClosedError') await broker.disconnect();
    throw error;
  }
}

/** Fields of an answer, one after another, big-endian. */
class AnswerReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  int64(): bigint {
    this.#at += 8;
    return this.#bytes.readBigInt64BE(this.#at - 8);
  }

  bytes(): Uint8Array {
    const length = Math.max(0, this.int32());
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  skip(count: number): void {
    this.#at += count;
  }

  skipText(): void {
    this.skip(this.int16());
  }
}
