import { CorruptBytesError } from '#shared/errors.ts';
import type { ForecastPack } from '#shared/forecast/forecast.ts';
import { decodeForecastPack } from '#shared/forecast/forecast-record.ts';
import { decodeModelEvent } from '#shared/forecast/model-event-record.ts';
import { decodeScore } from '#shared/forecast/score-record.ts';
import type { EventLog, LogRecord, Reading } from '#shared/log/event-log.ts';
import { partitionsOf, type Topic } from '#shared/log/topics.ts';
import { decodeTickRecord } from '#shared/market/tick-record.ts';
import type { LiveFeed } from './live-feed.ts';
import { type NewestOptions, newestRecords } from './newest-records.ts';

const OLD_TICKS = 512;
const OLD_SCORES = 4_096;
const OLD_MODEL_EVENTS = 1_024;
/** Read beyond the rings where the oldest of them are a late copy, so that it is not taken for a gap. */
const OLDER_FORECASTS = 1_024;

export interface FeedFromLogOptions {
  readonly log: EventLog;
  readonly feed: LiveFeed;
  readonly ringEntries: number;
  readonly nowMs: () => number;
  /** Told how many entries came in; what was read back is none of them. */
  readonly onForecasts: (entryCount: number) => void;
}

type FollowedTopic = Exclude<Topic, 'rejects'>;

/** How one topic comes in. */
interface Inlet {
  /** The newest records of a partition, as what is known already. @returns where following goes on */
  load(partition: number): Promise<bigint>;
  take(partition: number, records: readonly LogRecord[]): void;
}

/** Where each topic's following goes on. */
type Ends = ReadonlyMap<FollowedTopic, readonly bigint[]>;

/** Brings the feed to the present: the newest records of every topic, which are not told to anyone as nobody listens yet. */
export async function loadFeed(options: FeedFromLogOptions): Promise<Ends> {
  await loadColumns(options);
  const ends = new Map<FollowedTopic, readonly bigint[]>();
  for (const [topic, inlet] of inletsOf(options)) {
    const partitions = partitionsOf(topic, options.log.partitionCount);
    const loads = Array.from({ length: partitions }, (_, partition) => inlet.load(partition));
    ends.set(topic, await Promise.all(loads));
  }
  options.feed.flush(options.nowMs());
  return ends;
}

/** Follows all topics from where `loadFeed` ended. */
export function followFeed(options: FeedFromLogOptions, ends: Ends): Promise<Reading[]> {
  return Promise.all(
    [...inletsOf(options)].map(([topic, inlet]) =>
      options.log.follow({
        topic,
        startAt: (partition) => ends.get(topic)?.[partition] ?? 0n,
        onBatch: async ({ partition, records }) => {
          const upTo = records.at(-1)?.offset ?? 0n;
          const { facts } = options.feed.health;
          if (topic === 'ticks') facts.takeTicks(partition, records.length, upTo, options.nowMs());
          inlet.take(partition, records);
        },
      }),
    ),
  );
}

/** The begin record, first of its partition, names the columns of rows; it may lie far behind the newest ticks. */
async function loadColumns({ log, feed }: FeedFromLogOptions): Promise<void> {
  for (let p = 0; p < log.partitionCount; p += 1) {
    const { start, end } = await log.bounds('ticks', p);
    if (start === end) continue;
    for await (const [first] of log.read('ticks', p, start, start + 1n)) {
      takeTick(feed, first.value);
    }
  }
}

function inletsOf(options: FeedFromLogOptions): ReadonlyMap<FollowedTopic, Inlet> {
  const { feed, ringEntries, nowMs, onForecasts } = options;
  const inlet = <T>(
    topic: FollowedTopic,
    old: NewestOptions<T>,
    take: (partition: number, item: T) => void,
    know = take,
  ): [FollowedTopic, Inlet] => [topic, inletOf(options.log, topic, old, { take, know })];
  const one = () => 1;
  return new Map([
    // Before the forecasts, which carry them.
    inlet('scores', { decode: decodeScore, weigh: one, enough: OLD_SCORES }, (_, score) =>
      feed.takeScore(score),
    ),
    inlet(
      'forecasts',
      {
        decode: decodeForecastPack,
        weigh: forecastCount,
        enough: ringEntries,
        atMost: 2 * ringEntries + OLDER_FORECASTS,
        isWhole: isOneChain,
      },
      (partition, pack) => onForecasts(feed.takeForecasts(partition, pack, nowMs())),
      (partition, pack) => feed.readBackForecasts(partition, pack, nowMs()),
    ),
    inlet('ticks', { decode: (value) => value, weigh: one, enough: OLD_TICKS }, (_, value) =>
      takeTick(feed, value),
    ),
    inlet(
      'models',
      { decode: decodeModelEvent, weigh: one, enough: OLD_MODEL_EVENTS },
      (_, event) => feed.takeModelEvent(event),
    ),
  ]);
}

function inletOf<T>(
  log: EventLog,
  topic: FollowedTopic,
  old: NewestOptions<T>,
  { take, know }: Readonly<Record<'take' | 'know', (partition: number, item: T) => void>>,
): Inlet {
  return {
    load: async (partition) => {
      const { items, end } = await newestRecords(log, topic, partition, old);
      for (const item of items) know(partition, item);
      return end;
    },
    take: (partition, records) => {
      for (const { value } of records) take(partition, old.decode(value));
    },
  };
}

function forecastCount({ entries }: ForecastPack): number {
  return entries.reduce((count, { forecasts }) => count + forecasts.length, 0);
}

/** Whether each entry that is no repeat follows on the one before. */
function isOneChain(packs: readonly ForecastPack[]): boolean {
  let last: bigint | null = null;
  for (const { src, prev } of packs.flatMap(({ entries }) => entries)) {
    if (last !== null && src <= last) continue;
    if (last !== null && prev !== last) return false;
    last = src;
  }
  return true;
}

function takeTick(feed: LiveFeed, value: Uint8Array): void {
  const tick = readTick(value);
  if (tick === null) return;
  if (tick.kind === 'begin') feed.prices.begin(tick);
  else if (tick.kind === 'trade' || tick.kind === 'quote' || tick.kind === 'row') {
    for (const wire of feed.prices.ticksOf(tick)) feed.ticks.offer(wire);
  }
}

/** Null for bytes that are no record: the fold makes a reject of them, and prices go on without. */
function readTick(value: Uint8Array): ReturnType<typeof decodeTickRecord> | null {
  try {
    return decodeTickRecord(value);
  } catch (error) {
    if (error instanceof CorruptBytesError) return null;
    throw error;
  }
}
