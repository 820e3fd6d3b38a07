import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Door } from '#services/ingest/door.ts';
import { type FileSourceOptions, fileSource } from '#services/ingest/sources/file-source.ts';
import { warmUpUntil } from '#services/ingest/sources/warm-up-until.ts';
import type { BeginControl } from '#shared/market/control.ts';
import type { Measure } from '#shared/market/measure.ts';
import { encodeControl } from '#shared/market/tick-record.ts';

export interface RecordedTape {
  /** The first record of a partition. */
  readonly begin: Uint8Array;
  /** Records of `ticks`, in the order of event time. */
  readonly ticks: readonly Uint8Array[];
}

type WarmUp = Pick<BeginControl, 'warmUpUntilNs' | 'warmUpTicks'>;

/** The recorded ticks as the log has them, through the door, a quarter of them warm-up. @returns null where FORETICK_DATASETS has none */
export async function recordedTape(): Promise<RecordedTape | null> {
  const input = inDatasets('ticks');
  if (input === null) return null;
  const source = fileSource({ input, layout: 'ticks', symbolFrom: 'file' });
  const { spanNs } = await source.open();
  if (spanNs === undefined) throw new Error(`${input} must hold ticks, held none`);
  const options: FileSourceOptions = { input, layout: 'ticks', symbolFrom: 'file' };
  return taped(options, 'price', { warmUpUntilNs: warmUpUntil(spanNs, 25) });
}

/** The first rows of ETTm1 in the same way. @returns null where FORETICK_DATASETS has none */
export async function recordedSeries(
  rowCount: number,
  warmUpTicks: number,
): Promise<RecordedTape | null> {
  const input = inDatasets('ett/ETTm1.csv.gz');
  if (input === null) return null;
  const tape = await taped({ input, layout: 'wide', symbolFrom: 'column' }, 'value', {
    warmUpTicks,
  });
  return { ...tape, ticks: tape.ticks.slice(0, rowCount) };
}

function inDatasets(name: string): string | null {
  const path = resolve(process.env['FORETICK_DATASETS'] ?? '../shared/data', name);
  return existsSync(path) ? path : null;
}

async function taped(
  options: FileSourceOptions,
  measure: Measure,
  warmUp: WarmUp,
): Promise<RecordedTape> {
  const source = fileSource(options);
  const { begin } = await source.open();
  const door = new Door({
    measure,
    badRows: 'fail',
    placed: [null],
    placedReject: null,
    limits: null,
  });
  const ticks: Uint8Array[] = [];
  for await (const rows of source.rows()) {
    for (const row of rows) {
      const verdict = door.judge(row);
      if (verdict.kind === 'tick') ticks.push(verdict.record);
    }
  }
  return { begin: encodeControl({ kind: 'begin', ...begin, ...warmUp }), ticks };
}
