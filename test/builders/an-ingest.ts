import { type IngestOptions, type Pacing, startIngest } from '#services/ingest/service.ts';
import { givenSource } from '#services/ingest/sources/given-source.ts';
import type { SourceRow } from '#services/ingest/sources/source.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import type { Topic } from '#shared/log/topics.ts';
import type { Control } from '#shared/market/control.ts';
import type { RawTrade } from '#shared/market/raw-tick.ts';
import type { Tick } from '#shared/market/tick.ts';
import { decodeTickRecord } from '#shared/market/tick-record.ts';
import { decodeVersionedJson } from '#shared/numeric/versioned-json.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { virtualClock } from '#shared/runtime/virtual-clock.ts';

export const SYMBOLS = ['A', 'B', 'C', 'D', 'E', 'F', 'G'];
export const REJECTING: IngestOptions = { badRows: 'reject', measure: 'price' };

export function aRaw(at: number, changes: Partial<RawTrade> = {}): RawTrade {
  const symbol = SYMBOLS[at % SYMBOLS.length];
  return { kind: 'trade', symbol, time: BigInt(at), timeFormat: 'ns', price: 100, ...changes };
}

export function aSourceRow(seq: number, changes: Partial<RawTrade> = {}): SourceRow {
  return { seq: BigInt(seq), feedEpoch: 1, where: `tape:${seq}`, raw: aRaw(seq, changes) };
}

export const rowsFrom = (count: number): SourceRow[] =>
  Array.from({ length: count }, (_, at) => aSourceRow(at + 1));

export function inBatches(rows: readonly SourceRow[], size: number): SourceRow[][] {
  const count = Math.ceil(rows.length / size);
  return Array.from({ length: count }, (_, k) => rows.slice(k * size, (k + 1) * size));
}

export function portsWith(
  log: EventLog,
  batches: readonly (readonly SourceRow[])[],
  pacing?: Pacing,
) {
  const ports = { logger: memoryLogger(), metrics: memoryMetrics(), clock: virtualClock(0) };
  return {
    ...ports,
    log,
    source: givenSource(batches),
    ...(pacing === undefined ? {} : { pacing }),
  };
}

export async function recordsOf(
  log: EventLog,
  topic: Topic,
  partition: number,
): Promise<Uint8Array[]> {
  const { start, end } = await log.bounds(topic, partition);
  const values: Uint8Array[] = [];
  for await (const records of log.read(topic, partition, start, end)) {
    values.push(...records.map(({ value }) => value));
  }
  return values;
}

export async function partitionsOf(log: EventLog): Promise<(Tick | Control)[][]> {
  const all: (Tick | Control)[][] = [];
  for (let partition = 0; partition < log.partitionCount; partition++) {
    all.push((await recordsOf(log, 'ticks', partition)).map(decodeTickRecord));
  }
  return all;
}

export const isTick = (record: Tick | Control): record is Tick => 'seq' in record;

export async function seqsOf(log: EventLog): Promise<number[][]> {
  const all = await partitionsOf(log);
  return all.map((records) => records.filter(isTick).map(({ seq }) => Number(seq)));
}

export async function rejectsOf(log: EventLog): Promise<Record<string, unknown>[]> {
  const values = await recordsOf(log, 'rejects', 0);
  return values.map(
    (bytes) => decodeVersionedJson(1, bytes, 'a reject') as Record<string, unknown>,
  );
}

export async function ingested(
  log: EventLog,
  batches: readonly (readonly SourceRow[])[],
  options = REJECTING,
): Promise<void> {
  await (await startIngest(portsWith(log, batches), options)).done;
}
