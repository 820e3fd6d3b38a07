import type { EventLog } from '#shared/log/event-log.ts';
import type { Topic } from '#shared/log/topics.ts';

/** Records may hold hundreds of entries each: what is read beyond enough is read in vain. */
const FIRST_STEP = 16n;
/** Steps double, as each costs the same answers of a broker however few records it brings. */
const LONGEST_STEP = 1_024n;

export interface NewestOptions<T> {
  readonly decode: (value: Uint8Array) => T;
  /** How much of `enough` one record is. */
  readonly weigh: (item: T) => number;
  readonly enough: number;
  /** Where what is read so far leaves a question that older records may answer, it is read on, up to this weight. */
  readonly atMost?: number;
  readonly isWhole?: (items: readonly T[]) => boolean;
}

export interface NewestRecords<T> {
  /** Decoded, oldest first. */
  readonly items: readonly T[];
  /** Where following goes on. */
  readonly end: bigint;
}

/** Reads one partition from its end backwards, until the records read so far are enough and whole, or its start. Decodes each once. */
export async function newestRecords<T>(
  log: EventLog,
  topic: Topic,
  partition: number,
  { decode, weigh, enough, atMost = enough, isWhole = () => true }: NewestOptions<T>,
): Promise<NewestRecords<T>> {
  const { start, end } = await log.bounds(topic, partition);
  let items: T[] = [];
  let weight = 0;
  let size = FIRST_STEP;
  for (let to = end; to > start && (weight < enough || (weight < atMost && !isWhole(items))); ) {
    const from = to - start > size ? to - size : start;
    const step: T[] = [];
    for await (const records of log.read(topic, partition, from, to)) {
      step.push(...records.map(({ value }) => decode(value)));
    }
    weight = step.reduce((sum, item) => sum + weigh(item), weight);
    items = step.concat(items);
    to = from;
    if (size < LONGEST_STEP) size *= 2n;
  }
  return { items, end };
}
