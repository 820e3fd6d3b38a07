import type { EventLog, LogBatch, LogRecord } from '#shared/log/event-log.ts';

export interface LogWish {
  /** 2 where absent. */
  readonly partitionCount?: number;
  /** All where absent. */
  readonly retainRecords?: number;
}

export type OpenLog = (wish?: LogWish) => Promise<EventLog>;

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (record: LogRecord): string => new TextDecoder().decode(record.value);
export const many = (count: number, prefix = ''): Uint8Array[] =>
  Array.from({ length: count }, (_, k) => bytesOf(`${prefix}${k}`));

export function countOf(batches: readonly LogBatch[]): number {
  return batches.reduce((sum, batch) => sum + batch.records.length, 0);
}
