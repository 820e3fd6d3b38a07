import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Cell, ForecastColumn } from './forecast-columns.ts';
import type { RowFile } from './row-file.ts';

const CHUNK_CHARACTERS = 1 << 16;

/**
 * CSV (header line, `\n`, nothing needs quoting: names and symbols hold no comma) or NDJSON. Numbers are written so that they read
 * back to the same float64; int64 as bare digits in both, which JavaScript's own JSON.parse would round.
 */
export async function openTextRows(
  path: string,
  columns: readonly ForecastColumn[],
  { format, gzip }: { readonly format: 'csv' | 'ndjson'; readonly gzip: boolean },
): Promise<RowFile> {
  const { head, written } = openStream(path, gzip);
  let chunk = format === 'csv' ? `${columns.map((column) => column.name).join(',')}\n` : '';
  const line = format === 'csv' ? csvLine : ndjsonLine(columns);
  return {
    write: (row) => {
      chunk += line(row);
      if (chunk.length < CHUNK_CHARACTERS) return undefined;
      const full = chunk;
      chunk = '';
      return accepted(head, full, written);
    },
    close: async () => {
      head.end(chunk);
      chunk = '';
      await written;
    },
  };
}

function openStream(path: string, gzip: boolean): { head: Writable; written: Promise<void> } {
  const file = createWriteStream(path);
  const written = finished(file);
  // Whoever writes or closes next awaits `written` and sees the error there.
  written.catch(() => {});
  if (!gzip) return { head: file, written };
  const head = createGzip();
  head.pipe(file);
  return { head, written };
}

async function accepted(head: Writable, text: string, written: Promise<void>): Promise<void> {
  if (!head.write(text)) await Promise.race([once(head, 'drain'), written]);
}

function csvLine(row: readonly Cell[]): string {
  return `${row.join(',')}\n`;
}

const ndjsonLine = (columns: readonly ForecastColumn[]) => (row: readonly Cell[]) => {
  const pairs = columns.map(({ name, type }, k) => {
    const shown = type === 'text' ? JSON.stringify(row[k]) : `${row[k]}`;
    return `${JSON.stringify(name)}:${shown}`;
  });
  return `{${pairs.join(',')}}\n`;
};
