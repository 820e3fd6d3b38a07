import type { EventLog, LogRecord } from '#shared/log/event-log.ts';
import type { Topic } from '#shared/log/topics.ts';

const STEP = 64n;

export interface NewestRecords {
  /** Oldest first. */
  readonly records: readonly LogRecord[];
  /** Where following goes on. */
  readonly end: bigint;
}

/** Reads one partition from its end backwards, until `isEnough` of the records read so far or its start. */
export async function newestRecords(
  log: EventLog,
  topic: Topic,
  partition: number,
  isEnough: (records: readonly LogRecord[]) => boolean,
): Promise<NewestRecords> {
  const { start, end } = await log.bounds(topic, partition);
  let records: LogRecord[] = [];
  let from = end;
  while (from > start && !isEnough(records)) {
    const to = from;
    from = to - STEP > start ? to - STEP : start;
    const older: LogRecord[] = [];
    for await (const batch of log.read(topic, partition, from, to)) older.push(...batch);
    records = [...older, ...records];
  }
  return { records, end };
}
