import { NativeKafka, whyNoNativeKafka } from './native-kafka.ts';

export interface KafkaForTests {
  readonly brokers: readonly string[];
  /** The broker's process, where it is ours to kill. */
  readonly native: NativeKafka | null;
  readonly end: () => Promise<void>;
}

/** Why there are no brokers for tests; null where there are. In CI a reason is a failure, not a skip. */
export function whyNoKafka(): string | null {
  if (given().length > 0) return null;
  const reason = whyNoNativeKafka();
  if (reason !== null && process.env['CI'] !== undefined) {
    throw new Error(`CI must have Kafka to test with: ${reason}`);
  }
  return reason;
}

/** Brokers named by FORETICK_KAFKA_BROKERS, else one of our own from Maven's jars. */
export async function kafkaForTests(): Promise<KafkaForTests> {
  const brokers = given();
  if (brokers.length > 0) return { brokers, native: null, end: async () => undefined };
  const native = await NativeKafka.start();
  return { brokers: [native.address], native, end: () => native.remove() };
}

function given(): readonly string[] {
  return (process.env['FORETICK_KAFKA_BROKERS'] ?? '').split(',').filter((text) => text !== '');
}
