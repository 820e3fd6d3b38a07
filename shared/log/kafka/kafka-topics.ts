import kafkajs, { type Admin } from 'kafkajs';
import { LogMismatchError } from '../log-errors.ts';
import { type KafkaAccess, KafkaConnection, loginOf } from './kafka-connection.ts';
import { refused } from './kafka-failure.ts';
import { type TopicIdentity, topicIdentities } from './topic-identity.ts';
import {
  type KafkaTopic,
  type PlannedTopic,
  type WrongSetting,
  wrongSettings,
} from './topic-plan.ts';

const NOT_THERE = 3;
const NOT_ALLOWED = 29;

export type Identities = ReadonlyMap<KafkaTopic, TopicIdentity>;

/** What a cluster has of a planned topic. */
export interface FoundTopic {
  readonly planned: PlannedTopic;
  /** Null where it is not there. */
  readonly identity: TopicIdentity | null;
  readonly wrong: readonly WrongSetting[];
}

export function isThere({ errorCode }: TopicIdentity): boolean {
  return errorCode === 0;
}

/** Ids and partition counts of the planned topics, those too that are not there. */
export async function identitiesOf(
  access: KafkaAccess,
  plan: readonly PlannedTopic[],
): Promise<Identities> {
  return withProbe(access, (probe) =>
    probe.persist('the ids of topics', () => askIdentities(probe, plan)),
  );
}

/** Compares the plan with what the cluster has, and changes nothing. */
export async function inspectTopics(
  access: KafkaAccess,
  plan: readonly PlannedTopic[],
): Promise<readonly FoundTopic[]> {
  const identities = await identitiesOf(access, plan);
  const there = plan.filter(({ topic }) => isThere(identityOf(identities, topic)));
  const settings = await withAdmin(access, (admin) => readSettings(admin, there));
  return plan.map((planned) => {
    const identity = identityOf(identities, planned.topic);
    if (!isThere(identity)) return { planned, identity: null, wrong: [] };
    const wrong = wrongSettings(planned, settings.get(planned.name) ?? new Map());
    return { planned, identity, wrong };
  });
}

/**
 * Makes the topics that are missing and verifies all.
 *
 * @throws LogMismatchError `LOG_MISMATCH` where a topic has another partition count, may lose records sooner, or is compacted
 */
export async function ensureTopics(
  access: KafkaAccess,
  plan: readonly PlannedTopic[],
): Promise<Identities> {
  const before = await inspectTopics(access, plan);
  for (const found of before) requirePlanned(found);
  const missing = before.filter(({ identity }) => identity === null);
  if (missing.length === 0) return identitiesOf(access, plan);
  const making = missing.map(({ planned }) => planned);
  await withAdmin(access, (admin) => createTopics(admin, making));
  const after = await untilPresent(access, plan);
  for (const planned of plan) requirePartitions(planned, identityOf(after, planned.topic));
  return after;
}

export function identityOf(identities: Identities, topic: KafkaTopic): TopicIdentity {
  return identities.get(topic) ?? absent(topic);
}

async function askIdentities(
  probe: KafkaConnection,
  plan: readonly PlannedTopic[],
): Promise<Identities> {
  const found = await topicIdentities(
    probe,
    plan.map(({ name }) => name),
  );
  const hidden = found.find(({ errorCode }) => errorCode === NOT_ALLOWED);
  // Taken for one that is missing, it would be made.
  if (hidden !== undefined) throw refused(`the id of topic ${hidden.name}`, 'it may not be seen');
  return new Map(
    plan.map(({ topic, name }) => [topic, found.find((one) => one.name === name) ?? absent(name)]),
  );
}

/** A broker may learn of a topic a moment after the controller made it. */
async function untilPresent(
  access: KafkaAccess,
  plan: readonly PlannedTopic[],
): Promise<Identities> {
  return withProbe(access, (probe) =>
    probe.persist('the ids of new topics', async () => {
      const here = await askIdentities(probe, plan);
      if ([...here.values()].every(isThere)) return here;
      throw Object.assign(new Error('topics are not there yet'), { retriable: true });
    }),
  );
}

function absent(name: string): TopicIdentity {
  return { name, id: '', partitions: 0, errorCode: NOT_THERE };
}

async function withProbe<T>(
  access: KafkaAccess,
  work: (probe: KafkaConnection) => Promise<T>,
): Promise<T> {
  const probe = new KafkaConnection(access, []);
  try {
    return await work(probe);
  } finally {
    await probe.close();
  }
}

/** Tried again as every request is: a process may start while brokers are away. */
async function withAdmin<T>(access: KafkaAccess, work: (admin: Admin) => Promise<T>): Promise<T> {
  const { brokers, clientId } = access;
  const { Kafka, logLevel } = kafkajs;
  const client = { brokers: [...brokers], clientId, logLevel: logLevel.NOTHING };
  const kafka = new Kafka({ ...client, ...loginOf(access) });
  const attempt = async (): Promise<T> => {
    const admin = kafka.admin();
    try {
      await admin.connect();
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  };
  return withProbe(access, (probe) => probe.persist('the making of topics', attempt));
}

/** Another process may make them at the same moment; then this makes nothing. */
async function createTopics(admin: Admin, topics: readonly PlannedTopic[]): Promise<void> {
  await admin.createTopics({
    waitForLeaders: true,
    topics: topics.map(({ name, partitions, replicas, settings }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor: replicas,
      configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
    })),
  });
}

async function readSettings(
  admin: Admin,
  topics: readonly PlannedTopic[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  if (topics.length === 0) return new Map();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map(({ name }) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  });
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
}

/** @throws LogMismatchError `LOG_MISMATCH` */
function requirePlanned({ planned, identity, wrong }: FoundTopic): void {
  if (identity === null) return;
  requirePartitions(planned, identity);
  if (wrong.length === 0) return;
  const text = wrong
    .map(({ name, expected, found }) => `${name} must be ${expected}, was ${found}`)
    .join('; ');
  throw new LogMismatchError(`topic ${planned.name}: ${text}`, { topic: planned.name, wrong });
}

function requirePartitions(planned: PlannedTopic, { partitions: found }: TopicIdentity): void {
  const { name, partitions: expected } = planned;
  if (found === expected) return;
  throw new LogMismatchError(`${name} must have ${expected} partitions, was ${found}`, {
    topic: name,
    expected,
    found,
  });
}
