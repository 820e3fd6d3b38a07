import type { EventLog, SubscribeOptions } from '#shared/log/event-log.ts';

/** What a contender runs on. */
export interface Place {
  readonly brokers: readonly string[];
  readonly redisUrl: string;
  readonly prefix: string;
  readonly partitionCount: number;
}

/** Something that takes ticks from the log and puts bytes of forecasts there. */
export interface Contender {
  /** Begins where it stood; resolves once it is a member of its group. `onFirstBatch` is told, once or more often, when ticks have come. */
  start(onFirstBatch: () => void): Promise<void>;
  /** Resolves when what belongs to all ticks below these ends is acknowledged. */
  reached(ends: readonly bigint[]): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** They hand on bytes that were made before. The first is what ratios are of. */
export const PASS_THROUGHS = ['pass-through, kafkajs', 'pass-through, our adapter'] as const;
/** Those that take turns. */
export const CONTENDERS = [...PASS_THROUGHS, 'model left out', 'lstm'] as const;
export type ContenderName = (typeof CONTENDERS)[number] | 'lstm, training';

/** What a contender's process is told. */
export type Order =
  | { readonly do: 'open'; readonly name: ContenderName; readonly place: Place }
  | { readonly do: 'drain'; readonly ends: readonly string[]; readonly isProfiled: boolean }
  | { readonly do: 'start' }
  | { readonly do: 'stop' };

export interface Drained {
  /** From the first batch handed out to the last acknowledgement. */
  readonly ms: number;
  /** Nanoseconds by part; empty where it was not profiled. */
  readonly parts: readonly (readonly [string, number])[];
}

/** The log, but its first batch is told. */
export function toldOfFirst(log: EventLog, onFirst: () => void): EventLog {
  return {
    run: log.run,
    partitionCount: log.partitionCount,
    append: (topic, partition, values) => log.append(topic, partition, values),
    read: (topic, partition, from, to) => log.read(topic, partition, from, to),
    follow: (options) => log.follow(options),
    bounds: (topic, partition) => log.bounds(topic, partition),
    close: () => log.close(),
    subscribe: (options: SubscribeOptions) =>
      log.subscribe({
        ...options,
        onBatch: (batch) => {
          onFirst();
          return options.onBatch(batch);
        },
      }),
  };
}
