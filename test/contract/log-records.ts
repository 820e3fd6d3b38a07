import type { EventLog, LogBatch, LogRecord } from '#shared/log/event-log.ts';
import type { Topic } from '#shared/log/topics.ts';

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

export async function allOf(log: EventLog, topic: Topic, partition: number): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const batch of log.read(topic, partition, 0n, 1n << 62n)) records.push(...batch);
  return records;
}
