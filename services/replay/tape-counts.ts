import type { EventLog, LogRecord } from '#shared/log/event-log.ts';
import { recordedControl } from './recorded-control.ts';

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
  // Each stands in every partition, and a crash of the trainer may have repeated it.
  const switches = new Set<number>();
  const refusals = new Set<number>();
  for await (const { value } of ticksOf(log)) {
    const control = recordedControl(value);
    if (control === null) tickCount += 1;
    if (control?.kind === 'switch') switches.add(control.id);
    if (control?.kind === 'refuse') refusals.add(control.id);
  }
  return { tickCount, switchCount: switches.size, refusedCount: refusals.size };
}

async function* ticksOf(log: EventLog): AsyncGenerator<LogRecord> {
  for (let partition = 0; partition < log.partitionCount; partition++) {
    const { start, end } = await log.bounds('ticks', partition);
    for await (const records of log.read('ticks', partition, start, end)) yield* records;
  }
}
