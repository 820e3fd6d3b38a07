import { openKafkaLog } from '#shared/log/kafka/kafka-log.ts';

/** A member of a group in a process of its own, to be stopped. Says what happens to it, one line each. */
const [, , broker, prefix] = process.argv;
const log = await openKafkaLog({
  brokers: [broker],
  prefix,
  partitionCount: 2,
  sessionTimeoutMs: 2_000,
});
const next = [0n, 0n];
await log.subscribe({
  topic: 'ticks',
  group: 'predict',
  onAssigned: async (partition, generation) => {
    console.log(`assigned ${partition} in ${generation}`);
    return next[partition];
  },
  onRevoked: (partition) => console.log(`revoked ${partition}`),
  onBatch: async ({ partition, records }) => {
    for (const { offset } of records) console.log(`read ${partition}@${offset}`);
    next[partition] += BigInt(records.length);
  },
});
