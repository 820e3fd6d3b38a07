import type { EventLog } from '#shared/log/event-log.ts';
import type { Topic } from '#shared/log/topics.ts';

/** What happens before an append reaches the log; where it rejects, nothing is appended. */
export type BeforeAppend = (topic: Topic, partition: number) => Promise<void>;

/** A log as it is, with a say before each append. */
export function aWatchedLog(log: EventLog, before: BeforeAppend): EventLog {
  return {
    run: log.run,
    partitionCount: log.partitionCount,
    append: async (topic, partition, values) => {
      await before(topic, partition);
      return log.append(topic, partition, values);
    },
    read: (topic, partition, from, to) => log.read(topic, partition, from, to),
    follow: (options) => log.follow(options),
    subscribe: (options) => log.subscribe(options),
    bounds: (topic, partition) => log.bounds(topic, partition),
    close: () => log.close(),
  };
}
