import { ingestSettings } from '#services/ingest/config.ts';
import { predictSettings } from '#services/predict/config.ts';
import { serveSettings } from '#services/serve/config.ts';
import { drainSeconds, forecasterSettings, logLevel } from '#services/solo/config.ts';
import { trainSettings } from '#services/train/config.ts';
import type { KafkaLogOptions, TopicOptions } from '#shared/log/kafka/kafka-log.ts';
import {
  type ConfigOf,
  choice,
  flag,
  integer,
  list,
  number,
  text,
} from '#shared/runtime/environment.ts';

const kafka = {
  brokers: list('FORETICK_KAFKA_BROKERS', {
    default: ['127.0.0.1:9092'],
    meaning: 'Brokers of the cluster, `host:port`, one or more',
  }),
  prefix: text('FORETICK_KAFKA_PREFIX', {
    default: 'foretick',
    meaning: 'Topics are PREFIX.ticks and so on: one prefix, one run',
  }),
  replicas: integer('FORETICK_KAFKA_REPLICAS', {
    default: 1,
    atLeast: 1,
    atMost: 9,
    unit: 'replicas',
    meaning: 'Replicas of the topics when they are made; production wants 3',
  }),
  retentionHours: number('FORETICK_KAFKA_RETENTION_HOURS', {
    default: 168,
    atLeast: 0,
    unit: 'hours',
    meaning: 'How long topics keep a record at least, 0 for ever; models are kept for ever',
  }),
  tls: flag('FORETICK_KAFKA_TLS', {
    default: false,
    meaning: 'Whether brokers are spoken to over TLS',
  }),
  tlsCa: text('FORETICK_KAFKA_TLS_CA', {
    default: '',
    meaning: "PEM file of the authority that signed the brokers' certificates; Node's own list",
  }),
  saslMechanism: choice(
    'FORETICK_KAFKA_SASL_MECHANISM',
    ['none', 'plain', 'scram-sha-256', 'scram-sha-512'],
    { default: 'none', meaning: 'How to log in to the brokers' },
  ),
  saslUser: text('FORETICK_KAFKA_SASL_USER', {
    default: '',
    meaning: 'Who logs in to the brokers',
  }),
  saslPassword: text('FORETICK_KAFKA_SASL_PASSWORD', {
    default: '',
    meaning: 'Password of FORETICK_KAFKA_SASL_USER',
    secret: true,
  }),
  sessionTimeoutMs: integer('FORETICK_KAFKA_SESSION_TIMEOUT_MS', {
    default: 10_000,
    atLeast: 1_000,
    atMost: 300_000,
    unit: 'ms',
    meaning: 'A silent predict process loses its partitions after this',
  }),
};

/**
 * Everything that the four processes read: one environment serves them all, each uses its part. What decides the forecasts is
 * pinned for the run, so a process with other values is refused.
 */
export const distributedSettings = {
  partitions: integer('FORETICK_PARTITIONS', {
    default: 16,
    atLeast: 1,
    atMost: 256,
    unit: 'partitions',
    meaning: 'Partitions of ticks and forecasts; pinned at the first start of a run',
  }),
  ...forecasterSettings,
  patienceSeconds: number('FORETICK_PATIENCE_SECONDS', {
    default: 120,
    atLeast: 1,
    atMost: 86_400,
    unit: 's',
    meaning: 'How long a request to Kafka or Redis is tried again before the process ends',
  }),
  healthHost: text('FORETICK_HEALTH_HOST', {
    default: '127.0.0.1',
    meaning: 'Address of /healthz, /readyz and /metrics of ingest, predict and train',
  }),
  healthPort: integer('FORETICK_HEALTH_PORT', {
    default: 0,
    atLeast: 0,
    atMost: 65_535,
    unit: 'TCP port',
    meaning: 'Their port; 0 takes a free one and prints it. serve has its own, FORETICK_PORT',
  }),
  logLevel,
  drainSeconds,
  kafka,
  stores: {
    redisUrl: text('FORETICK_REDIS_URL', {
      default: 'redis://127.0.0.1:6379',
      meaning: 'redis: or rediss:, with user, password and database where needed',
      secret: true,
    }),
    redisPrefix: text('FORETICK_REDIS_PREFIX', {
      default: 'foretick',
      meaning: 'Begins every key, so that several pipelines may share a server',
    }),
    modelStore: choice('FORETICK_MODEL_STORE', ['redis', 'files'], {
      default: 'redis',
      meaning:
        'Where models lie; files outlive a wiped Redis, and need a folder that all processes see',
    }),
    modelDir: text('FORETICK_MODEL_DIR', {
      default: '.foretick/models',
      meaning: 'Folder of the model store files',
    }),
    snapshotDir: text('FORETICK_SNAPSHOT_DIR', {
      default: '',
      meaning:
        'Folder of full copies of partitions, that all predict processes see; without one none are taken, and a lost Redis costs the whole log',
    }),
  },
  ingest: ingestSettings,
  predict: predictSettings,
  train: trainSettings,
  serve: serveSettings,
};

export type DistributedConfig = ConfigOf<typeof distributedSettings>;

/** How the settings say that the cluster is reached. */
export function kafkaAccessOf({
  kafka,
  patienceSeconds,
}: Pick<DistributedConfig, 'kafka' | 'patienceSeconds'>): Pick<
  KafkaLogOptions,
  'brokers' | 'patienceMs' | 'tls' | 'sasl'
> {
  const { brokers, tls, tlsCa, saslMechanism, saslUser, saslPassword } = kafka;
  const patienceMs = patienceSeconds * 1000;
  return {
    ...{ brokers, patienceMs },
    ...(tls ? { tls: tlsCa === '' ? {} : { caFile: tlsCa } } : {}),
    ...(saslMechanism === 'none'
      ? {}
      : { sasl: { mechanism: saslMechanism, username: saslUser, password: saslPassword } }),
  };
}

const HOUR_MS = 3_600_000;

/** How the settings say that topics are to be. */
export function topicOptionsOf(config: DistributedConfig): TopicOptions {
  const { prefix, replicas, retentionHours } = config.kafka;
  return {
    ...kafkaAccessOf(config),
    ...{ prefix, replicas, partitionCount: config.partitions },
    retentionMs: retentionHours === 0 ? -1 : Math.round(retentionHours * HOUR_MS),
  };
}
