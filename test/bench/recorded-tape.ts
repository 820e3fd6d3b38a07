import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Door } from '#services/ingest/door.ts';
import { fileSource } from '#services/ingest/sources/file-source.ts';
import { warmUpUntil } from '#services/ingest/sources/warm-up-until.ts';
import { encodeControl } from '#shared/market/tick-record.ts';

export interface RecordedTape {
  /** The first record of a partition: a warm-up of a quarter. */
  readonly begin: Uint8Array;
  /** Records of `ticks`, in the order of event time. */
  readonly ticks: readonly Uint8Array[];
}

/** The recorded ticks as the log has them, through the door. @returns null where FORETICK_DATASETS has none */
export async function recordedTape(): Promise<RecordedTape | null> {
  const input = resolve(process.env['FORETICK_DATASETS'] ?? '../shared/data', 'ticks');
  if (!existsSync(input)) return null;
  const source = fileSource({ input, layout: 'ticks', symbolFrom: 'file' });
  const { spanNs } = await source.open();
  if (spanNs === undefined) throw new Error(`${input} must hold ticks, held none`);
  const door = new Door({ measure: 'price', badRows: 'fail', placed: [null], placedReject: null });
  const ticks: Uint8Array[] = [];
  for await (const rows of source.rows()) {
    for (const row of rows) {
      const verdict = door.judge(row);
      if (verdict.kind === 'tick') ticks.push(verdict.record);
    }
  }
  const begin = encodeControl({ kind: 'begin', warmUpUntilNs: warmUpUntil(spanNs, 25) });
  return { begin, ticks };
}
