import { partitionsOf, TOPICS } from '../topics.ts';

/** Ours on Kafka: the five of every log, and the one that says which run they belong to. */
export const KAFKA_TOPICS = [...TOPICS, 'manifest'] as const;

export type KafkaTopic = (typeof KAFKA_TOPICS)[number];

/** How one topic is made, and what it must be later. */
export interface PlannedTopic {
  readonly topic: KafkaTopic;
  /** As Kafka knows it: `<prefix>.<topic>`. */
  readonly name: string;
  readonly partitions: number;
  /** When it is made here; whoever made it with more or fewer has decided. */
  readonly replicas: number;
  /** Kafka's own names and values. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface TopicWish {
  readonly prefix: string;
  /** Of `ticks` and `forecasts`. */
  readonly partitionCount: number;
  readonly replicas: number;
  /** Records younger than this are kept; -1 for all. */
  readonly retentionMs: number;
}

const SAFE_REPLICAS = 3;
/** The largest append, and room for its frame. */
const MESSAGE_BYTES = 9 * 1024 * 1024;
/** A trainer starts from the whole of `models`, and a run is known by its manifest: small, and needed as long as the run lives. */
const KEPT_FOR_EVER: readonly KafkaTopic[] = ['models', 'manifest'];

export function topicName(prefix: string, topic: KafkaTopic): string {
  return `${prefix}.${topic}`;
}

/** All topics of a run: the one place that says how they are kept. `foretick topics` makes and verifies them. */
export function topicPlan(wish: TopicWish): readonly PlannedTopic[] {
  const { prefix, partitionCount, replicas, retentionMs } = wish;
  return KAFKA_TOPICS.map((topic) => ({
    topic,
    name: topicName(prefix, topic),
    partitions: topic === 'manifest' ? 1 : partitionsOf(topic, partitionCount),
    replicas,
    settings: {
      // Compaction would take records out of the middle, and every offset counts.
      'cleanup.policy': 'delete',
      'retention.ms': `${KEPT_FOR_EVER.includes(topic) ? -1 : retentionMs}`,
      'retention.bytes': '-1',
      'max.message.bytes': `${MESSAGE_BYTES}`,
      // A leader that lacks acknowledged records must not take over.
      'unclean.leader.election.enable': 'false',
      'min.insync.replicas': replicas >= SAFE_REPLICAS ? '2' : '1',
    },
  }));
}

/** A setting that a topic must have, and has otherwise. */
export interface WrongSetting {
  readonly name: string;
  readonly expected: string;
  readonly found: string;
}

/** Settings under which a topic may lose or refuse records; keeping more than was asked for is no fault. */
export function wrongSettings(
  planned: PlannedTopic,
  found: ReadonlyMap<string, string>,
): readonly WrongSetting[] {
  return Object.entries(planned.settings).flatMap(([name, expected]) => {
    const was = found.get(name) ?? 'not told';
    return isEnough(name, expected, was) ? [] : [{ name, expected, found: was }];
  });
}

function isEnough(name: string, expected: string, found: string): boolean {
  if (found === expected) return true;
  const isLimit = name.startsWith('retention.');
  if (isLimit && found === '-1') return true;
  const isAmount = isLimit || name === 'max.message.bytes' || name === 'min.insync.replicas';
  return isAmount && expected !== '-1' && Number(found) >= Number(expected);
}
