import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';
import { LogMismatchError } from '../log-errors.ts';
import { partitionsOf, TOPICS, type Topic } from '../topics.ts';
import type { KafkaAccess, KafkaConnection } from './kafka-connection.ts';
import { translated } from './kafka-failure.ts';
import { type TopicIdentity, topicIdentities } from './topic-identity.ts';

const SAFE_REPLICAS = 3;
/** The largest append, and room for its frame. */
const MESSAGE_BYTES = 9 * 1024 * 1024;

export interface TopicWish {
  /** Names are `<prefix>.ticks` and so on. */
  readonly prefix: string;
  readonly partitionCount: number;
  readonly replicas: number;
  /** Records younger than this are kept; -1 for all. */
  readonly retentionMs: number;
}

export function topicName(prefix: string, topic: Topic): string {
  return `${prefix}.${topic}`;
}

/**
 * Makes the topics that are missing and verifies all.
 *
 * @returns the id of each
 * @throws LogMismatchError `LOG_MISMATCH` where a topic has another partition count, may lose records sooner, or is compacted
 */
export async function ensureTopics(
  access: KafkaAccess,
  connect: (topics: readonly string[]) => KafkaConnection,
  wish: TopicWish,
): Promise<ReadonlyMap<Topic, string>> {
  const names = TOPICS.map((topic) => topicName(wish.prefix, topic));
  const probe = connect([]);
  try {
    const before = await identities(probe, names);
    const missing = TOPICS.filter((_, k) => before[k].errorCode !== 0);
    for (const [k, topic] of TOPICS.entries()) {
      if (before[k].errorCode === 0) requirePartitions(before[k], topic, wish.partitionCount);
    }
    await withAdmin(access, async (admin) => {
      if (missing.length > 0) await createTopics(admin, missing, wish);
      const retentions = await readConfigs(admin, names);
      for (const name of names) requireKept(name, retentions.get(name) ?? new Map(), wish);
    });
    const after = missing.length === 0 ? before : await untilPresent(probe, names);
    for (const [k, topic] of TOPICS.entries())
      requirePartitions(after[k], topic, wish.partitionCount);
    return new Map(TOPICS.map((topic, k) => [topic, after[k].id]));
  } finally {
    await probe.close();
  }
}

/**
 * The topics as they are; nothing is made.
 *
 * @returns the id of each, and the partitions of `ticks`
 * @throws LogMismatchError `LOG_MISMATCH` where one is missing, or their partitions are not those of one log
 */
export async function findTopics(
  connect: (topics: readonly string[]) => KafkaConnection,
  prefix: string,
): Promise<{ readonly topicIds: ReadonlyMap<Topic, string>; readonly partitionCount: number }> {
  const probe = connect([]);
  try {
    const names = TOPICS.map((topic) => topicName(prefix, topic));
    const found = await identities(probe, names);
    for (const { name, errorCode } of found) {
      if (errorCode !== 0)
        throw new LogMismatchError(`topic ${name} must be there, was not`, { name });
    }
    const partitionCount = found[TOPICS.indexOf('ticks')].partitions;
    for (const [k, topic] of TOPICS.entries()) requirePartitions(found[k], topic, partitionCount);
    return { topicIds: new Map(TOPICS.map((topic, k) => [topic, found[k].id])), partitionCount };
  } finally {
    await probe.close();
  }
}

async function identities(
  probe: KafkaConnection,
  names: readonly string[],
): Promise<readonly TopicIdentity[]> {
  const found = await probe.persist('the ids of topics', () => topicIdentities(probe, names));
  return names.map((name) => found.find((one) => one.name === name) ?? absent(name));
}

/** A broker may learn of a topic a moment after the controller made it. */
async function untilPresent(
  probe: KafkaConnection,
  names: readonly string[],
): Promise<readonly TopicIdentity[]> {
  return probe.persist('the ids of new topics', async () => {
    const found = await topicIdentities(probe, names);
    const here = names.map((name) => found.find((one) => one.name === name) ?? absent(name));
    if (here.some((one) => one.errorCode !== 0)) {
      throw Object.assign(new Error('topics are not there yet'), { retriable: true });
    }
    return here;
  });
}

function absent(name: string): TopicIdentity {
  return { name, id: '', partitions: 0, errorCode: 3 };
}

async function withAdmin<T>(access: KafkaAccess, work: (admin: Admin) => Promise<T>): Promise<T> {
  const { brokers, clientId } = access;
  const { Kafka, logLevel } = kafkajs;
  const admin = new Kafka({
    brokers: [...brokers],
    clientId,
    logLevel: logLevel.NOTHING,
  }).admin();
  try {
    await admin.connect();
    return await work(admin);
  } catch (error) {
    throw translated(error, 'the making of topics');
  } finally {
    await admin.disconnect();
  }
}

/** Another process may make them at the same moment; then this makes nothing. */
async function createTopics(
  admin: Admin,
  topics: readonly Topic[],
  wish: TopicWish,
): Promise<void> {
  const configEntries = [
    { name: 'cleanup.policy', value: 'delete' },
    { name: 'retention.ms', value: `${wish.retentionMs}` },
    { name: 'retention.bytes', value: '-1' },
    { name: 'max.message.bytes', value: `${MESSAGE_BYTES}` },
    { name: 'unclean.leader.election.enable', value: 'false' },
    { name: 'min.insync.replicas', value: wish.replicas >= SAFE_REPLICAS ? '2' : '1' },
  ];
  await admin.createTopics({
    waitForLeaders: true,
    topics: topics.map(
      (topic): ITopicConfig => ({
        topic: topicName(wish.prefix, topic),
        numPartitions: partitionsOf(topic, wish.partitionCount),
        replicationFactor: wish.replicas,
        configEntries,
      }),
    ),
  });
}

async function readConfigs(
  admin: Admin,
  names: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  });
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
}

function requireKept(
  name: string,
  found: ReadonlyMap<string, string>,
  { retentionMs }: TopicWish,
): void {
  const policy = found.get('cleanup.policy');
  if (policy !== 'delete') {
    const details = { topic: name, expected: 'delete', found: policy };
    throw new LogMismatchError(`${name} must have cleanup.policy delete, was ${policy}`, details);
  }
  const kept = Number(found.get('retention.ms'));
  if (kept === -1 || (retentionMs !== -1 && kept >= retentionMs)) return;
  const details = { topic: name, expected: retentionMs, found: kept };
  throw new LogMismatchError(
    `${name} must keep records for ${retentionMs} ms (retention.ms), was ${kept}`,
    details,
  );
}

function requirePartitions(identity: TopicIdentity, topic: Topic, partitionCount: number): void {
  const expected = partitionsOf(topic, partitionCount);
  const { name, partitions: found } = identity;
  if (found === expected) return;
  throw new LogMismatchError(`${name} must have ${expected} partitions, was ${found}`, {
    topic: name,
    expected,
    found,
  });
}
