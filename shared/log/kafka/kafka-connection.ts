import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConfig, SASLOptions } from 'kafkajs';
import Broker from 'kafkajs/src/broker/index.js';
import Cluster from 'kafkajs/src/cluster/index.js';
import loggers from 'kafkajs/src/loggers/index.js';
import socketFactory from 'kafkajs/src/network/socketFactory.js';
import { failureOf, isPassing, translated } from './kafka-failure.ts';
import { mendKafkajs } from './mend-kafkajs.ts';

const CONNECT_MS = 3_000;
const AUTHENTICATION_MS = 10_000;
const REQUEST_MS = 30_000;
const METADATA_AGE_MS = 300_000;
const GROUP_COORDINATOR = 0;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** Our own attempts are the only ones: a retry below them would hide how long a broker has been away. */
const NO_RETRY = { retries: 0, initialRetryTime: FIRST_PAUSE_MS };

/** kafkajs prints every lost connection; what matters reaches the caller as an error. */
export const SILENT = loggers.createLogger({ level: 0, logCreator: () => () => undefined });

export interface KafkaAccess {
  /** `host:port` */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** How long a request is tried again while brokers are away, before it fails. */
  readonly patienceMs: number;
  /** Absent: plain TCP. */
  readonly tls?: {
    /** PEM file of the authority that signed the brokers' certificates; Node's own list where absent. */
    readonly caFile?: string;
  };
  /** Absent: brokers ask for no login. */
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

/** How kafkajs is told of TLS and SASL. */
export function loginOf({ tls, sasl }: KafkaAccess): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  const ssl = tls !== undefined && (tls.caFile === undefined || { ca: [readFileSync(tls.caFile)] });
  // Each mechanism has a type of its own there; what they hold is the same.
  return { ssl, ...(sasl === undefined ? {} : { sasl: sasl as SASLOptions }) };
}

/** Connections to the brokers of one cluster, with one rule of what is tried again and for how long. */
export class KafkaConnection {
  readonly #access: KafkaAccess;
  readonly #cluster: Cluster;
  readonly #topics: readonly string[];
  #opening: Promise<void> | null = null;

  constructor(access: KafkaAccess, topics: readonly string[]) {
    mendKafkajs();
    this.#access = access;
    this.#topics = topics;
    this.#cluster = new Cluster({
      logger: SILENT,
      socketFactory: socketFactory(),
      brokers: [...access.brokers],
      clientId: access.clientId,
      connectionTimeout: CONNECT_MS,
      requestTimeout: REQUEST_MS,
      enforceRequestTimeout: true,
      metadataMaxAge: METADATA_AGE_MS,
      allowAutoTopicCreation: false,
      retry: NO_RETRY,
      authenticationTimeout: AUTHENTICATION_MS,
      reauthenticationThreshold: AUTHENTICATION_MS,
      ...loginOf(access),
    });
  }

  /** Another connection to the same brokers: a request that waits on the broker holds up all behind it. */
  another(): KafkaConnection {
    return new KafkaConnection(this.#access, this.#topics);
  }

  /** Repeats `work` while it fails in passing and patience lasts. @throws LogUnavailableError `LOG_UNAVAILABLE`, LogRefusedError `LOG_REFUSED` */
  async persist<T>(what: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const deadline = performance.now() + this.#access.patienceMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        await this.#open();
        return await work();
      } catch (error) {
        const isLast = performance.now() + pauseMs > deadline || signal?.aborted === true;
        if (!isPassing(error) || isLast) throw translated(error, what);
        await sleep(pauseMs);
        await this.#lookAgain();
      }
    }
  }

  /** The broker that leads a partition. One attempt: for use inside `persist`. */
  async leader(topic: string, partition: number): Promise<Broker> {
    const [nodeId] = Object.keys(this.#cluster.findLeaderForPartitions(topic, [partition]));
    if (nodeId === undefined || Number(nodeId) < 0) {
      throw Object.assign(new Error(`${topic}/${partition} has no leader`), { retriable: true });
    }
    return this.#cluster.findBroker({ nodeId });
  }

  /** A connection of its own to the leader, so that waiting there holds up no other partition. */
  async ownLeader(topic: string, partition: number): Promise<Broker> {
    const { connectionPool, versions } = await this.leader(topic, partition);
    const { host, port } = connectionPool;
    const pool = await this.#cluster.connectionPoolBuilder.build({ host, port });
    // kafkajs keeps fetches apart from the rest; here is nothing else.
    pool.getConnectionByRequest = () => pool.getConnection(0);
    const broker = new Broker({
      connectionPool: pool,
      logger: SILENT,
      versions,
      allowAutoTopicCreation: false,
    });
    await broker.connect();
    return broker;
  }

  async anyBroker(): Promise<Broker> {
    return this.#cluster.brokerPool.findConnectedBroker();
  }

  async coordinator(groupId: string): Promise<Broker> {
    try {
      return await this.#cluster.findGroupCoordinator({ groupId });
    } catch (error) {
      // It keeps to itself why no broker told: a passing reason, or an ACL that is missing.
      if (failureOf(error).name !== 'KafkaJSGroupCoordinatorNotFound') throw error;
      const broker = await this.anyBroker();
      await broker.findGroupCoordinator({ groupId, coordinatorType: GROUP_COORDINATOR });
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect();
  }

  #open(): Promise<void> {
    this.#opening ??= this.#connect().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #connect(): Promise<void> {
    await this.#cluster.connect();
    await this.#cluster.addMultipleTargetTopics(this.#topics);
  }

  /** Leaders may have moved. That this fails too is no news: the next attempt says so. */
  async #lookAgain(): Promise<void> {
    await this.#cluster.refreshMetadata().catch(() => undefined);
  }
}
