import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import type { CsvFile } from './csv-files.ts';
import { SourceUnreadableError } from './source-errors.ts';

const LINES_PER_BATCH = 512;
const LONGEST_LINE = 1 << 20;

export interface CsvLine {
  readonly fields: readonly string[];
  /** From 1, the header included; the last one where a quoted field spans several. */
  readonly line: number;
}

export interface CsvOptions {
  /** 1 begins with the header. */
  readonly fromLine: number;
  /** Sees the file's own bytes, still compressed. */
  readonly onBytes?: (chunk: Buffer) => void;
}

interface ParsedLine {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * The lines of a CSV file as batches (not empty), read as they are asked for. Fields may be quoted; blank lines are no lines;
 * lines may differ in their number of fields.
 *
 * @throws SourceUnreadableError `SOURCE_UNREADABLE`
 */
export async function* csvLines(
  file: CsvFile,
  { fromLine, onBytes = () => {} }: CsvOptions,
): AsyncGenerator<readonly CsvLine[]> {
  const parser = parse({
    bom: true,
    from: fromLine,
    relax_column_count: true,
    // A stray quote spoils one field, which the door refuses, not the whole file.
    relax_quotes: true,
    skip_empty_lines: true,
    // All three, since a recognised one would hold for the whole file: after \r\n, lines that end in \n would be one row.
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: LONGEST_LINE,
    info: true,
  });
  const bytes = createReadStream(file.path, { highWaterMark: 1 << 18 });
  bytes.on('data', onBytes as (chunk: string | Buffer) => void).pause();
  // Errors of every stage reach the parser, whose reader below throws them.
  if (file.isGzip) pipeline(bytes, createGunzip(), parser, () => {});
  else pipeline(bytes, parser, () => {});
  let lastLine = 0;
  try {
    let batch: CsvLine[] = [];
    for await (const { record, info } of parser as AsyncIterable<ParsedLine>) {
      lastLine = info.lines;
      batch.push({ fields: record, line: info.lines });
      if (batch.length < LINES_PER_BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } catch (cause) {
    throw translated(cause, file, lastLine);
  }
}

function translated(cause: unknown, file: CsvFile, lastLine: number): unknown {
  if (!(cause instanceof Error)) return cause;
  const code = 'code' in cause ? String(cause.code) : '';
  const fail = (text: string): SourceUnreadableError =>
    new SourceUnreadableError(`${file.name}: ${text}`, { file: file.name, lastLine, code }, cause);
  if (code === 'Z_BUF_ERROR') {
    return fail(
      `gzip must be whole, was truncated; the last line that could be read was ${lastLine}`,
    );
  }
  if (code === 'Z_DATA_ERROR' && cause.message.includes('header')) {
    return fail('bytes must be gzip as the name says, were not');
  }
  if (code.startsWith('Z_')) return fail(`gzip must be intact, was damaged after line ${lastLine}`);
  if (cause instanceof CsvError)
    return fail(`lines must be CSV, after line ${lastLine} they were not`);
  return code === '' ? cause : fail(`file must be readable, reading ended with ${code}`);
}
