import Encoder from 'kafkajs/src/protocol/encoder.js';
import type { KafkaConnection } from './kafka-connection.ts';

const METADATA_API = 3;
/** The first versions of Metadata that carry topic ids are newer than those kafkajs speaks, which end at 6. */
const METADATA_VERSION = 12;
const UUID_BYTES = 16;

export interface TopicIdentity {
  readonly name: string;
  /** Kafka's topic id as its own tools print it; differs when a topic was deleted and made again. */
  readonly id: string;
  readonly partitions: number;
  /** Kafka's error code, 0 for none, 3 for a topic that is not there. */
  readonly errorCode: number;
}

/** Asks a broker for the ids and partition counts of topics. One attempt: for use inside `persist`. */
export async function topicIdentities(
  connection: KafkaConnection,
  names: readonly string[],
): Promise<readonly TopicIdentity[]> {
  const broker = await connection.anyBroker();
  const request = {
    apiKey: METADATA_API,
    apiVersion: METADATA_VERSION,
    apiName: 'Metadata',
    encode: async () => new Encoder().writeBuffer(encodeMetadataRequest(names)),
  };
  const response = {
    decode: async (bytes: Buffer) => decodeMetadata(bytes),
    parse: async (topics: readonly TopicIdentity[]) => topics,
  };
  return (await broker.connectionPool.send({ request, response })) as readonly TopicIdentity[];
}

/** Request header version 2 ends with tagged fields, which kafkajs does not write: hence the first byte. */
function encodeMetadataRequest(names: readonly string[]): Buffer {
  const noTags = Buffer.of(0);
  const topics = names.flatMap((name) => [
    Buffer.alloc(UUID_BYTES),
    unsignedVarint(Buffer.byteLength(name) + 1),
    Buffer.from(name),
    noTags,
  ]);
  const noAutoCreation = Buffer.of(0);
  const noOperations = Buffer.of(0);
  const count = unsignedVarint(names.length + 1);
  return Buffer.concat([noTags, count, ...topics, noAutoCreation, noOperations, noTags]);
}

function decodeMetadata(bytes: Buffer): readonly TopicIdentity[] {
  const from = new FlexibleReader(bytes);
  from.tags();
  from.skip(4);
  from.array(() => {
    from.skip(4);
    from.text();
    from.skip(4);
    from.text();
    from.tags();
  });
  from.text();
  from.skip(4);
  return from.array(() => {
    const errorCode = from.int16();
    const name = from.text() ?? '';
    const id = from.take(UUID_BYTES).toString('base64url');
    from.skip(1);
    const partitions = from.array(() => {
      from.skip(2 + 4 + 4 + 4);
      for (let k = 0; k < 3; k++) from.array(() => from.skip(4));
      from.tags();
    });
    from.skip(4);
    from.tags();
    return { name, id, partitions: partitions.length, errorCode };
  });
}

/** Kafka's "flexible" encoding (KIP-482): compact texts and arrays whose length is a varint plus one, and tagged fields. */
class FlexibleReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  take(count: number): Buffer {
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  skip(count: number): void {
    this.#at += count;
  }

  int16(): number {
    return this.take(2).readInt16BE();
  }

  text(): string | null {
    const length = this.#varint() - 1;
    return length < 0 ? null : this.take(length).toString('utf8');
  }

  array<T>(item: () => T): T[] {
    const length = Math.max(0, this.#varint() - 1);
    return Array.from({ length }, item);
  }

  tags(): void {
    for (let left = this.#varint(); left > 0; left--) {
      this.#varint();
      this.skip(this.#varint());
    }
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#at++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
}

function unsignedVarint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  bytes.push(left);
  return Buffer.from(bytes);
}
