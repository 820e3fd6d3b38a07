import type { EventLog } from '../event-log.ts';
import { LogMismatchError } from '../log-errors.ts';
import { TOPICS } from '../topics.ts';
import { type KafkaAccess, KafkaConnection } from './kafka-connection.ts';
import { KafkaEventLog, type OpenedKafka } from './kafka-event-log.ts';
import {
  type KafkaManifest,
  pinManifest,
  readManifest,
  requirePinnedTopics,
} from './kafka-manifest.ts';
import {
  ensureTopics,
  type FoundTopic,
  type Identities,
  identitiesOf,
  identityOf,
  inspectTopics,
  isThere,
} from './kafka-topics.ts';
import { topicName, topicPlan } from './topic-plan.ts';

const PATIENCE_MS = 30_000;
const SESSION_MS = 10_000;

export interface KafkaLogOptions extends Partial<KafkaAccess> {
  /** `host:port`, one or more of the cluster's. */
  readonly brokers: readonly string[];
  /** Topics are `<prefix>.ticks` and so on, groups `<prefix>.<group>`. */
  readonly prefix: string;
  readonly partitionCount: number;
  /** Replicas of a topic that is made here; 1 where absent. Production wants 3. */
  readonly replicas?: number;
  /** Records younger than this are kept; -1, all, where absent. */
  readonly retentionMs?: number;
  /** How long a request is tried again while brokers are away; 30 s where absent. */
  readonly patienceMs?: number;
  /** A group takes a silent member for gone after this; 10 s where absent. */
  readonly sessionTimeoutMs?: number;
  /** Pinned by the first who opens the run, and required to be equal of all others; nothing where absent. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/**
 * The log on Kafka. Its run is the topic id of `<prefix>.ticks`: the cluster keeps it, and a topic that was made again has another.
 * Topics that are missing are made; what a run has pinned is compared before that.
 *
 * @throws LogMismatchError `LOG_MISMATCH` where topics or settings differ from what was asked for or from what the run has pinned;
 * LogUnavailableError `LOG_UNAVAILABLE`, LogRefusedError `LOG_REFUSED`
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  const { prefix, partitionCount, settings = {}, sessionTimeoutMs = SESSION_MS } = options;
  const access = accessOf(options);
  const identities = await makeTopics(options);
  await pinManifest(access, { prefix, partitionCount, settings }, identities);
  return logOver(access, { prefix, partitionCount, identities, sessionTimeoutMs });
}

/** What says how topics are to be. */
export type TopicOptions = Omit<KafkaLogOptions, 'settings' | 'sessionTimeoutMs'>;

/**
 * Makes the topics that are missing and verifies all, without beginning a run.
 *
 * @throws LogMismatchError `LOG_MISMATCH`, LogUnavailableError `LOG_UNAVAILABLE`, LogRefusedError `LOG_REFUSED`
 */
export async function makeTopics(options: TopicOptions): Promise<Identities> {
  const { prefix } = options;
  const access = accessOf(options);
  const plan = planOf(options);
  const before = await identitiesOf(access, plan);
  const manifest = await readManifest(access, prefix, before);
  // Else what was deleted would be made again below, and look as if it had always been there.
  if (manifest !== null) requirePinnedTopics(manifest, prefix, before);
  return ensureTopics(access, plan);
}

/** Compares the topics with what they should be, and makes nothing. @throws LogUnavailableError `LOG_UNAVAILABLE`, LogRefusedError `LOG_REFUSED` */
export async function checkTopics(options: TopicOptions): Promise<readonly FoundTopic[]> {
  return inspectTopics(accessOf(options), planOf(options));
}

function planOf({ prefix, partitionCount, replicas = 1, retentionMs = -1 }: TopicOptions) {
  return topicPlan({ prefix, partitionCount, replicas, retentionMs });
}

/** Who finds a run that others have begun. */
export type FindOptions = Pick<
  KafkaLogOptions,
  'brokers' | 'prefix' | 'clientId' | 'patienceMs' | 'tls' | 'sasl'
>;

/** A run as it was begun, to be read. */
export interface FoundLog {
  readonly log: EventLog;
  readonly manifest: KafkaManifest;
}

/**
 * The log of a run that is there, with the partitions and settings that it has, to be read. Nothing is made.
 *
 * @throws LogMismatchError `LOG_MISMATCH` where a topic or the manifest is missing; LogUnavailableError `LOG_UNAVAILABLE`, LogRefusedError `LOG_REFUSED`
 */
export async function findKafkaLog(options: FindOptions): Promise<FoundLog> {
  const { prefix } = options;
  const access = accessOf(options);
  const plan = topicPlan({ prefix, partitionCount: 1, replicas: 1, retentionMs: -1 });
  const identities = await identitiesOf(access, plan);
  for (const { topic, name } of plan) {
    if (isThere(identityOf(identities, topic))) continue;
    throw new LogMismatchError(`topic ${name} must be there, was not`, { name });
  }
  const manifest = await readManifest(access, prefix, identities);
  if (manifest === null) {
    const name = topicName(prefix, 'manifest');
    throw new LogMismatchError(`${name} must hold the manifest of a run, was empty`, { name });
  }
  requirePinnedTopics(manifest, prefix, identities);
  const log = logOver(access, {
    ...{ prefix, identities, partitionCount: manifest.partitionCount },
    sessionTimeoutMs: SESSION_MS,
  });
  return { log, manifest };
}

function logOver(access: KafkaAccess, opened: Omit<OpenedKafka, 'connection'>): EventLog {
  const names = TOPICS.map((topic) => topicName(opened.prefix, topic));
  return new KafkaEventLog({ ...opened, connection: new KafkaConnection(access, names) });
}

/** Its defaults filled in. */
function accessOf(options: Partial<KafkaAccess> & Pick<KafkaAccess, 'brokers'>): KafkaAccess {
  const { brokers, clientId = 'foretick', patienceMs = PATIENCE_MS, tls, sasl } = options;
  const login = { ...(tls === undefined ? {} : { tls }), ...(sasl === undefined ? {} : { sasl }) };
  return { brokers, clientId, patienceMs, ...login };
}
