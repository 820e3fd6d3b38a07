import { randomUUID } from 'node:crypto';
import type { Broker } from '#test/brokers/broker.ts';
import { startKafka } from '#test/brokers/own-kafka.ts';
import { startRedis } from '#test/brokers/own-redis.ts';
import type { Place } from './contender.ts';

type Addresses = Pick<Place, 'brokers' | 'redisUrl'>;

/** As processes of this machine: a container's network would be measured with them. */
const NATIVE = { from: 'native' } as const;

/** The Kafka and the Redis of one run of the benchmark. */
export class BenchBrokers {
  readonly #addresses: Addresses;
  readonly #partitionCount: number;
  readonly #own: readonly Broker[];

  private constructor(addresses: Addresses, partitionCount: number, own: readonly Broker[]) {
    this.#addresses = addresses;
    this.#partitionCount = partitionCount;
    this.#own = own;
  }

  /** Those that FORETICK_KAFKA_BROKERS and FORETICK_REDIS_URL name, else our own: Java, Maven and redis-server must be here then. */
  static async start(partitionCount: number): Promise<BenchBrokers> {
    const [kafkaGiven, redisGiven] = ['FORETICK_KAFKA_BROKERS', 'FORETICK_REDIS_URL'].map(
      (name) => process.env[name] ?? '',
    );
    if (kafkaGiven !== '' && redisGiven !== '') {
      const addresses = { brokers: kafkaGiven.split(','), redisUrl: redisGiven };
      return new BenchBrokers(addresses, partitionCount, []);
    }
    const kafka = await startKafka(NATIVE, process.pid);
    const redis = await startRedis(NATIVE, { owner: process.pid });
    const addresses = { brokers: [kafka.address], redisUrl: redis.url };
    return new BenchBrokers(addresses, partitionCount, [redis, kafka]);
  }

  /** Topics and keys that nobody else uses. */
  place(): Place {
    const prefix = `bench-${randomUUID().slice(0, 8)}`;
    return { ...this.#addresses, prefix, partitionCount: this.#partitionCount };
  }

  async remove(): Promise<void> {
    for (const broker of this.#own) await broker.remove();
  }
}
