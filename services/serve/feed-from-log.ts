import { decodeForecastPack } from '#shared/forecast/forecast-record.ts';
import { decodeModelEvent } from '#shared/forecast/model-event-record.ts';
import { decodeScore } from '#shared/forecast/score-record.ts';
import type { EventLog, LogRecord, Reading } from '#shared/log/event-log.ts';
import { partitionsOf, type Topic } from '#shared/log/topics.ts';
import { decodeTickRecord } from '#shared/market/tick-record.ts';
import type { LiveFeed } from './live-feed.ts';
import { newestRecords } from './newest-records.ts';

const OLD_TICKS = 512;
const OLD_SCORES = 4_096;
const OLD_MODEL_EVENTS = 1_024;

type Take = (partition: number, records: readonly LogRecord[]) => void;

export interface FeedFromLogOptions {
  readonly log: EventLog;
  readonly feed: LiveFeed;
  readonly ringEntries: number;
  readonly nowMs: () => number;
  readonly onForecasts: (entryCount: number) => void;
}

/** Where each topic's following goes on. */
type Ends = ReadonlyMap<Topic, readonly bigint[]>;

/** Brings the feed to the present: the newest records of every topic, which are not told to anyone as nobody listens yet. */
export async function loadFeed(options: FeedFromLogOptions): Promise<Ends> {
  const { feed, ringEntries } = options;
  await loadColumns(options);
  const loaded: Ends = new Map([
    ['forecasts', await load(options, 'forecasts', (records) => holds(records, ringEntries))],
    ['ticks', await load(options, 'ticks', (records) => records.length >= OLD_TICKS)],
    ['scores', await load(options, 'scores', (records) => records.length >= OLD_SCORES)],
    ['models', await load(options, 'models', (records) => records.length >= OLD_MODEL_EVENTS)],
  ] as const);
  feed.flush(options.nowMs());
  return loaded;
}

/** Follows all topics from where `loadFeed` ended. */
export function followFeed(options: FeedFromLogOptions, ends: Ends): Promise<Reading[]> {
  const takers = takersOf(options);
  return Promise.all(
    [...ends].map(([topic, offsets]) =>
      options.log.follow({
        topic,
        startAt: (partition) => offsets[partition],
        onBatch: async ({ partition, records }) => takers[topic](partition, records),
      }),
    ),
  );
}

async function load(
  options: FeedFromLogOptions,
  topic: keyof ReturnType<typeof takersOf>,
  isEnough: (records: readonly LogRecord[]) => boolean,
): Promise<bigint[]> {
  const take = takersOf({ ...options, onForecasts: () => {} })[topic];
  const ends: bigint[] = [];
  for (let p = 0; p < partitionsOf(topic, options.log.partitionCount); p += 1) {
    const { records, end } = await newestRecords(options.log, topic, p, isEnough);
    take(p, records);
    ends.push(end);
  }
  return ends;
}

/** The begin record, first of its partition, names the columns of rows; it may lie far behind the newest ticks. */
async function loadColumns({ log, feed }: FeedFromLogOptions): Promise<void> {
  for (let p = 0; p < log.partitionCount; p += 1) {
    const { start, end } = await log.bounds('ticks', p);
    if (start === end) continue;
    for await (const [first] of log.read('ticks', p, start, start + 1n)) takeTick(feed, first);
  }
}

function takersOf({ feed, nowMs, onForecasts }: FeedFromLogOptions): Record<Topic, Take> {
  return {
    forecasts: (partition, records) => {
      for (const { value } of records) {
        onForecasts(feed.takeForecasts(partition, decodeForecastPack(value), nowMs()));
      }
    },
    ticks: (_partition, records) => {
      for (const record of records) takeTick(feed, record);
    },
    scores: (_partition, records) => {
      for (const { value } of records) feed.takeScore(decodeScore(value));
    },
    models: (_partition, records) => {
      for (const { value } of records) feed.takeModelEvent(decodeModelEvent(value));
    },
    rejects: () => {},
  };
}

function takeTick(feed: LiveFeed, { value }: LogRecord): void {
  const tick = decodeTickRecord(value);
  if (tick.kind === 'begin') feed.prices.begin(tick);
  else if (tick.kind === 'trade' || tick.kind === 'quote' || tick.kind === 'row') {
    for (const wire of feed.prices.ticksOf(tick)) feed.ticks.offer(wire);
  }
}

function holds(records: readonly LogRecord[], entries: number): boolean {
  let count = 0;
  for (const { value } of records) count += decodeForecastPack(value).entries.length;
  return count >= entries;
}
