import { decodeModelEvent } from '#shared/forecast/model-event-record.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { isControlRecord } from '#shared/market/tick-record.ts';

export interface TapeCounts {
  /** Tick records on the log. */
  readonly tickCount: number;
  /** Trainings whose weights came into use. */
  readonly switchCount: number;
  /** Trainings that made nothing better. */
  readonly refusedCount: number;
}

/** What a log holds. */
export async function tapeCounts(log: EventLog): Promise<TapeCounts> {
  let tickCount = 0;
  for (let partition = 0; partition < log.partitionCount; partition++) {
    const { start, end } = await log.bounds('ticks', partition);
    for await (const records of log.read('ticks', partition, start, end)) {
      tickCount += records.filter(({ value }) => !isControlRecord(value)).length;
    }
  }
  const outcomes = { boundary: 0, switched: 0, refused: 0 };
  const { start, end } = await log.bounds('models', 0);
  for await (const records of log.read('models', 0, start, end)) {
    for (const { value } of records) outcomes[decodeModelEvent(value).event] += 1;
  }
  return { tickCount, switchCount: outcomes.switched, refusedCount: outcomes.refused };
}
