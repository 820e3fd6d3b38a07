import { LogMismatchError } from './log-errors.ts';

/** The five topics. `ticks` and `forecasts` share the partitions of the run; the others have one partition, 0. */
export const TOPICS = ['ticks', 'forecasts', 'scores', 'models', 'rejects'] as const;

export type Topic = (typeof TOPICS)[number];

/** Partitions of a topic in a run whose ticks have `partitionCount` of them. */
export function partitionsOf(topic: Topic, partitionCount: number): number {
  return topic === 'ticks' || topic === 'forecasts' ? partitionCount : 1;
}

/** @throws LogMismatchError `LOG_MISMATCH` where the topic has no such partition */
export function requirePartition(topic: Topic, partition: number, partitionCount: number): void {
  const count = partitionsOf(topic, partitionCount);
  if (Number.isInteger(partition) && partition >= 0 && partition < count) return;
  throw new LogMismatchError(
    `a partition of ${topic} must be 0 to ${count - 1}, was ${partition}`,
    { topic, partition, count },
  );
}
