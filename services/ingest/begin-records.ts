import { isDeepStrictEqual } from 'node:util';
import type { EventLog } from '#shared/log/event-log.ts';
import type { BeginControl } from '#shared/market/control.ts';
import { decodeTickRecord, encodeControl } from '#shared/market/tick-record.ts';
import { BeginChangedError } from './ingest-errors.ts';

/**
 * Makes `begin` the first record of every partition. A start that was cut short is completed; one with other settings than the
 * log has is refused, since its ticks were folded with the old ones.
 *
 * @throws BeginChangedError `INGEST_BEGIN_CHANGED`
 */
export async function placeBegin(log: EventLog, begin: BeginControl): Promise<void> {
  const record = encodeControl(begin);
  for (let partition = 0; partition < log.partitionCount; partition++) {
    const { start, end } = await log.bounds('ticks', partition);
    if (end === 0n) await log.append('ticks', partition, [record]);
    // Once retention has passed it, the record can no longer be compared.
    else if (start === 0n) await compareBegin(log, partition, record);
  }
}

async function compareBegin(log: EventLog, partition: number, record: Uint8Array): Promise<void> {
  const begin = decodeTickRecord(record);
  for await (const [{ value }] of log.read('ticks', partition, 0n, 1n)) {
    const found = decodeTickRecord(value);
    if (isDeepStrictEqual(found, begin)) return;
    throw new BeginChangedError(
      `partition ${partition} must begin with ${textOf(begin)}, was ${textOf(found)}; use the old settings or a new folder`,
      { partition },
    );
  }
}

function textOf(found: unknown): string {
  return JSON.stringify(found, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}
