import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import kafkajs, { type Consumer, type EachBatchPayload, type Producer } from 'kafkajs';
import { mendKafkajs } from '#shared/log/kafka/mend-kafkajs.ts';
import { topicName } from '#shared/log/kafka/topic-plan.ts';
import { BatchAnswers } from './batch-answers.ts';
import type { Contender, Place } from './contender.ts';
import type { MadeForecasts } from './made-forecasts.ts';

const ACKS_ALL = -1;
const FASTEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** Default is 5 s, which a stop would wait for. */
const WAIT_MS = 1_000;
const FETCH_BYTES = 1024 * 1024;

/** What any pipeline on these brokers must do at least, by the clients that a Node project would take: kafkajs' own consumer and producer. */
export async function kafkajsPassThrough(place: Place, made: MadeForecasts): Promise<Contender> {
  // Its idle connections would burn processor time that is no part of reading and writing.
  mendKafkajs();
  const { Kafka, Partitioners, CompressionCodecs, CompressionTypes, logLevel } = kafkajs;
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({ compress: pack, decompress: unpack });
  const kafka = new Kafka({ brokers: [...place.brokers], logLevel: logLevel.NOTHING });
  const createPartitioner = Partitioners.DefaultPartitioner;
  const producer = kafka.producer({ createPartitioner, allowAutoTopicCreation: false });
  const consumer = kafka.consumer({
    groupId: `${place.prefix}.predict`,
    minBytes: 1,
    maxWaitTimeInMs: WAIT_MS,
    maxBytesPerPartition: FETCH_BYTES,
    allowAutoTopicCreation: false,
  });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topics: [topicName(place.prefix, 'ticks')], fromBeginning: true });
  return new KafkajsPassThrough({ producer, consumer }, place, made);
}

class KafkajsPassThrough implements Contender {
  readonly #producer: Producer;
  readonly #consumer: Consumer;
  readonly #place: Place;
  readonly #answers: BatchAnswers;
  readonly #crash = Promise.withResolvers<void>();
  #joined = Promise.withResolvers<void>();
  #onFirstBatch = (): void => undefined;

  constructor(
    { producer, consumer }: { readonly producer: Producer; readonly consumer: Consumer },
    place: Place,
    made: MadeForecasts,
  ) {
    this.#producer = producer;
    this.#consumer = consumer;
    this.#place = place;
    const topic = topicName(place.prefix, 'forecasts');
    const how = { topic, acks: ACKS_ALL, compression: kafkajs.CompressionTypes.ZSTD };
    this.#answers = new BatchAnswers(place, made, (partition, record) =>
      producer.send({ ...how, messages: [{ partition, value: record }] }),
    );
    this.#listen();
  }

  async start(onFirstBatch: () => void): Promise<void> {
    this.#onFirstBatch = onFirstBatch;
    this.#joined = Promise.withResolvers();
    await this.#consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: this.#place.partitionCount,
      eachBatch: (payload) => this.#take(payload),
    });
    await Promise.race([this.#joined.promise, this.#crash.promise]);
  }

  reached(ends: readonly bigint[]): Promise<void> {
    return this.#answers.reached(ends, this.#crash.promise);
  }

  /** The group keeps the positions: the next start asks it for them. Once stopped, kafkajs commits nothing and says nothing. */
  async stop(): Promise<void> {
    await this.#answers.settled();
    const topic = topicName(this.#place.prefix, 'ticks');
    await this.#consumer.commitOffsets(
      this.#answers.positions.map((next, partition) => ({ topic, partition, offset: `${next}` })),
    );
    await this.#consumer.stop();
  }

  async close(): Promise<void> {
    await this.#consumer.disconnect();
    await this.#producer.disconnect();
    await this.#answers.close();
  }

  #listen(): void {
    const { GROUP_JOIN, CRASH, REQUEST } = this.#consumer.events;
    this.#crash.promise.catch(() => undefined);
    this.#consumer.on(GROUP_JOIN, () => this.#joined.resolve());
    this.#consumer.on(CRASH, ({ payload }) => this.#crash.reject(payload.error));
    // kafkajs decodes a fetch of all partitions before it hands out the first batch: a clock that began there would leave all of that out.
    this.#consumer.on(REQUEST, ({ payload }) => {
      if (payload.apiName === 'Fetch') this.#onFirstBatch();
    });
  }

  async #take({ batch: { partition, messages } }: EachBatchPayload): Promise<void> {
    const first = BigInt(messages[0].offset);
    const next = BigInt(messages[messages.length - 1].offset) + 1n;
    await this.#answers.take({ partition, first, next });
  }
}

async function pack({ buffer }: { readonly buffer: Buffer }): Promise<Buffer> {
  return zstdCompressSync(buffer, FASTEST);
}

async function unpack(bytes: Buffer): Promise<Buffer> {
  return zstdDecompressSync(bytes);
}
