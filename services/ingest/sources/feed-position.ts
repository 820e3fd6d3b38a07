import type { EventLog, LogRecord } from '#shared/log/event-log.ts';
import type { Topic } from '#shared/log/topics.ts';
import type { FeedNumber, Tick } from '#shared/market/tick.ts';
import { decodeTickRecord, isControlRecord } from '#shared/market/tick-record.ts';

const STEP = 256n;
/** Per partition: a symbol that is silent for longer is forgotten by `lastFeedPosition`. */
const LONGEST_LOOK_BACK = 8_192;

/** How far a feed has come on a log, over all partitions. */
export interface FeedPosition {
  readonly feedEpoch: number;
  readonly lastSeq: bigint;
  readonly lastEventTimeNs: bigint;
  /** The middle of the book where it was known, else the last price. Symbols among the newest ticks of each partition. */
  readonly lastPrices: ReadonlyMap<string, number>;
}

/** Null for a log without ticks. A source that goes on after a restart begins here. */
export async function lastFeedPosition(log: EventLog): Promise<FeedPosition | null> {
  let last: Tick | null = null;
  let lastEventTimeNs: bigint | null = null;
  const lastPrices = new Map<string, number>();
  const partitions = Array.from({ length: log.partitionCount }, (_, partition) => partition);
  for (const ticks of await Promise.all(partitions.map((p) => newestTicks(log, p)))) {
    for (const tick of ticks) {
      if (isAfter(tick, last)) last = tick;
      lastEventTimeNs = later(lastEventTimeNs, tick.eventTimeNs);
      const price = priceOf(tick);
      if (price !== null && !lastPrices.has(tick.symbol)) lastPrices.set(tick.symbol, price);
    }
  }
  if (last === null || lastEventTimeNs === null) return null;
  return { feedEpoch: last.feedEpoch, lastSeq: last.seq, lastEventTimeNs, lastPrices };
}

/** The newest tick of a partition, controls after it skipped; null where there is none. */
export async function lastTickOn(log: EventLog, partition: number): Promise<Tick | null> {
  for await (const tick of ticksBackwards(log, partition)) return tick;
  return null;
}

export function isAfter(number: FeedNumber, other: FeedNumber | null): boolean {
  if (other === null || number.feedEpoch !== other.feedEpoch) {
    return other === null || number.feedEpoch > other.feedEpoch;
  }
  return number.seq > other.seq;
}

/** Records of a partition, the newest first, read in small steps. */
export async function* recordsBackwards(
  log: EventLog,
  topic: Topic,
  partition: number,
): AsyncGenerator<LogRecord> {
  const { start, end } = await log.bounds(topic, partition);
  for (let to = end; to > start; to -= STEP) {
    const from = to - STEP > start ? to - STEP : start;
    const step: LogRecord[] = [];
    for await (const records of log.read(topic, partition, from, to)) step.push(...records);
    yield* step.reverse();
  }
}

async function* ticksBackwards(log: EventLog, partition: number): AsyncGenerator<Tick> {
  for await (const { value } of recordsBackwards(log, 'ticks', partition)) {
    if (!isControlRecord(value)) yield decodeTickRecord(value) as Tick;
  }
}

/** The newest first. */
async function newestTicks(log: EventLog, partition: number): Promise<readonly Tick[]> {
  const ticks: Tick[] = [];
  for await (const tick of ticksBackwards(log, partition)) {
    ticks.push(tick);
    if (ticks.length === LONGEST_LOOK_BACK) break;
  }
  return ticks;
}

function later(timeNs: bigint | null, other: bigint): bigint {
  return timeNs !== null && timeNs > other ? timeNs : other;
}

function priceOf(tick: Tick): number | null {
  if (tick.kind === 'row') return null;
  if (tick.book !== null) return (tick.book.bid + tick.book.ask) / 2;
  return tick.kind === 'trade' ? tick.price : null;
}
