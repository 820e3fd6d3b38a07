import { inject } from 'vitest';
import type { KafkaBroker, RedisBroker } from './broker.ts';
import { type BrokerName, findOwn, findShared } from './broker-source.ts';
import { type KafkaWish, startKafka } from './own-kafka.ts';
import { startRedis } from './own-redis.ts';

/**
 * Kafka's brokers for a test that takes topics and groups of its own there: those that FORETICK_KAFKA_BROKERS names, else one that
 * all tests of the run share.
 */
export async function sharedKafka(): Promise<readonly string[]> {
  return (await shared('kafka')).split(',');
}

/** The URL of a Redis for a test that takes a prefix of its own there: FORETICK_REDIS_URL, else one that all tests share. */
export async function sharedRedis(): Promise<string> {
  return shared('redis');
}

/** A Kafka for a test that kills it, or wants another one than all share; the test removes it. */
export async function ownKafka(wish: KafkaWish = {}): Promise<KafkaBroker> {
  return startKafka(findOwn('kafka'), inject('brokers').owner, wish);
}

/** A Redis for a test that kills it, loses its files or changes its settings; the test removes it. */
export async function ownRedis(more: readonly string[] = []): Promise<RedisBroker> {
  return startRedis(findOwn('redis'), { owner: inject('brokers').owner, more });
}

async function shared(name: BrokerName): Promise<string> {
  const source = findShared(name);
  if (source.from === 'environment') return source.address;
  const response = await fetch(`${inject('brokers').url}/${name}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}
