import { LogMismatchError } from '../log-errors.ts';
import { PARTITIONER } from '../partitioner.ts';
import {
  decodeManifest,
  encodeManifest,
  type RunManifest,
  requireSameManifest,
} from '../run-manifest.ts';
import { type KafkaAccess, KafkaConnection } from './kafka-connection.ts';
import { type Identities, identityOf, isThere } from './kafka-topics.ts';
import { extentOf, fetchFrom } from './partition-fetch.ts';
import { PartitionWriter } from './partition-writer.ts';
import type { PartitionName } from './record-batch.ts';
import { type KafkaTopic, topicName } from './topic-plan.ts';

/** Layout of everything under a prefix; rises when an older build could misread it. */
const FORMAT = 1;
const READ_WAIT_MS = 1_000;
const NEW_RUN = 'to begin a new run, take another prefix or delete all topics of';
/** Those that contradict each other when one of them is made again; lost scores and rejects change nothing. */
const PINNED: readonly KafkaTopic[] = ['ticks', 'forecasts', 'models'];

/** What may never change in the life of a run; its run is the topic id of `ticks`. */
export interface KafkaManifest extends RunManifest {
  /** Topic ids, as of the beginning of the run. */
  readonly topics: Readonly<Record<string, string>>;
}

/** Null where the run has none, or is not there. @throws CorruptBytesError `BYTES_CORRUPT` */
export async function readManifest(
  access: KafkaAccess,
  prefix: string,
  identities: Identities,
): Promise<KafkaManifest | null> {
  if (!isThere(identityOf(identities, 'manifest'))) return null;
  const topic = topicName(prefix, 'manifest');
  const connection = new KafkaConnection(access, [topic]);
  try {
    return await firstRecord(connection, topic);
  } finally {
    await connection.close();
  }
}

/** @throws LogMismatchError `LOG_MISMATCH` where a topic was deleted, or deleted and made again, since the run began */
export function requirePinnedTopics(
  { run, topics }: KafkaManifest,
  prefix: string,
  identities: Identities,
): void {
  for (const topic of PINNED) {
    const identity = identityOf(identities, topic);
    const expected = topics[topic];
    if (isThere(identity) && identity.id === expected) continue;
    const name = topicName(prefix, topic);
    const what = isThere(identity) ? `was deleted and made again as ${identity.id}` : 'was deleted';
    throw new LogMismatchError(
      `${name} must be topic ${expected} of run ${run}, ${what}; ${NEW_RUN} ${prefix}`,
      { topic: name, run, expected, found: identity.id },
    );
  }
}

export interface PinOptions {
  readonly prefix: string;
  readonly partitionCount: number;
  /** Whatever must be equal in every process of the run. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * The manifest is the first record of its topic: whoever finds none writes it, and the order of the log decides a race.
 *
 * @throws LogMismatchError `LOG_MISMATCH` where the run was begun with other settings, or its manifest was lost
 */
export async function pinManifest(
  access: KafkaAccess,
  { prefix, partitionCount, settings }: PinOptions,
  identities: Identities,
): Promise<void> {
  const wanted: KafkaManifest = {
    format: FORMAT,
    run: identityOf(identities, 'ticks').id,
    partitionCount,
    partitioner: PARTITIONER,
    settings,
    topics: Object.fromEntries(PINNED.map((topic) => [topic, identityOf(identities, topic).id])),
  };
  const found = await firstOrWritten(access, prefix, wanted);
  requirePinnedTopics(found, prefix, identities);
  requireSameManifest(withoutTopics(wanted), withoutTopics(found), `Kafka's prefix ${prefix}`);
}

async function firstOrWritten(
  access: KafkaAccess,
  prefix: string,
  wanted: KafkaManifest,
): Promise<KafkaManifest> {
  const [topic, ticks] = [topicName(prefix, 'manifest'), topicName(prefix, 'ticks')];
  const connection = new KafkaConnection(access, [topic, ticks]);
  try {
    const known = await firstRecord(connection, topic);
    if (known !== null) return known;
    // In this order: whoever appends ticks has pinned the manifest before.
    const hasTicks = await hasRecords(connection, ticks, wanted.partitionCount);
    const first = await firstRecord(connection, topic);
    if (first !== null) return first;
    if (hasTicks) throw lostManifest(prefix);
    await new PartitionWriter(connection, topic, 0).append([encodeManifest(wanted)]);
    const written = await firstRecord(connection, topic);
    if (written === null) throw lostManifest(prefix);
    return written;
  } finally {
    await connection.close();
  }
}

function lostManifest(prefix: string): LogMismatchError {
  return new LogMismatchError(
    `${topicName(prefix, 'manifest')} must hold the manifest of the run whose ticks are there, was empty; ${NEW_RUN} ${prefix}`,
    { prefix },
  );
}

function withoutTopics({ topics: _, ...manifest }: KafkaManifest): RunManifest {
  return manifest;
}

async function firstRecord(
  connection: KafkaConnection,
  topic: string,
): Promise<KafkaManifest | null> {
  const at = { topic, partition: 0 };
  if ((await endOf(connection, at)) === 0n) return null;
  const [record] = await connection.persist(`a read of ${topic}`, async () =>
    fetchFrom(await connection.leader(topic, 0), at, 0n, READ_WAIT_MS),
  );
  return record === undefined ? null : (decodeManifest(record.value) as KafkaManifest);
}

async function hasRecords(
  connection: KafkaConnection,
  topic: string,
  partitionCount: number,
): Promise<boolean> {
  const partitions = Array.from({ length: partitionCount }, (_, partition) => partition);
  const ends = await Promise.all(
    partitions.map((partition) => endOf(connection, { topic, partition })),
  );
  return ends.some((end) => end > 0n);
}

function endOf(connection: KafkaConnection, at: PartitionName): Promise<bigint> {
  return connection.persist(`the end of ${at.topic}/${at.partition}`, async () => {
    const { end } = await extentOf(await connection.leader(at.topic, at.partition), at);
    return end;
  });
}
