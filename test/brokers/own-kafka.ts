import { join } from 'node:path';
import kafkajs, { type SASLOptions } from 'kafkajs';
import { mendKafkajs } from '#shared/log/kafka/mend-kafkajs.ts';
import type { KafkaBroker } from './broker.ts';
import type { BrokerSource } from './broker-source.ts';
import { startContainer } from './container.ts';
import { freePorts } from './free-port.ts';
import { startNativeKafka } from './native-kafka.ts';

/** What Compose runs with. */
const KAFKA_SETTINGS = join(import.meta.dirname, '../../infra/kafka/server.properties');
/** Beyond that: groups gather at once and notice a loss soon. */
const TEST_SETTINGS: Readonly<Record<string, string>> = {
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '1000',
  'log.cleaner.dedupe.buffer.size': '10485760',
  'num.network.threads': '2',
  'num.io.threads': '4',
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
};
const HEAP = '-Xmx512m -Xms128m';

/** What a broker is given beyond that, and how it is then asked whether it answers. */
export interface KafkaWish {
  readonly settings?: Readonly<Record<string, string>>;
  readonly sasl?: SASLOptions;
}

/** @param owner process id of the run of tests */
export async function startKafka(
  source: BrokerSource,
  owner: number,
  { settings: more = {}, sasl }: KafkaWish = {},
): Promise<KafkaBroker> {
  const ask = (at: string): Promise<void> => askKafka(at, sasl);
  const all = { ...TEST_SETTINGS, ...more };
  if (source.from === 'native') return startNativeKafka({ settings: all, ask });
  if (source.from !== 'docker') throw new Error(`no Kafka can be started: ${source.from}`);
  const [host] = await freePorts(1);
  const address = `127.0.0.1:${host}`;
  const settings = { ...all, 'advertised.listeners': `PLAINTEXT://${address}` };
  const named = Object.entries(settings).map(([name, value]) => [
    `KAFKA_${name.replaceAll('.', '_').toUpperCase()}`,
    value,
  ]);
  const broker = await startContainer({
    image: source.image,
    port: { container: 9092, host },
    files: { [KAFKA_SETTINGS]: '/mnt/shared/config/server.properties' },
    environment: { ...Object.fromEntries(named), KAFKA_HEAP_OPTS: HEAP },
    owner,
    ask: () => ask(address),
  });
  return { ...broker, address };
}

async function askKafka(address: string, sasl?: SASLOptions): Promise<void> {
  mendKafkajs();
  const { Kafka, logLevel } = kafkajs;
  const retry = { retries: 0 };
  const login = sasl === undefined ? {} : { sasl };
  const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING, retry, ...login });
  const admin = kafka.admin({ retry });
  try {
    await admin.connect();
    await admin.listTopics();
  } finally {
    await admin.disconnect();
  }
}
