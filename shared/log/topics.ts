/** The five topics. `ticks` and `forecasts` share the partitions of the run; the others have one partition, 0. */
export const TOPICS = ['ticks', 'forecasts', 'scores', 'models', 'rejects'] as const;

export type Topic = (typeof TOPICS)[number];

/** Partitions of a topic in a run whose ticks have `partitionCount` of them. */
export function partitionsOf(topic: Topic, partitionCount: number): number {
  return topic === 'ticks' || topic === 'forecasts' ? partitionCount : 1;
}
