import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { InvalidTickError } from '#shared/market/invalid-tick.ts';
import { eventTimeFrom } from '#shared/market/parse-event-time.ts';
import type { TimeFormat } from '#shared/market/raw-tick.ts';
import type { CsvFile } from './csv-files.ts';
import { csvLines } from './csv-lines.ts';
import type { LineReader } from './layout.ts';
import type { TimeSpan } from './source.ts';
import { SourceColumnsError, SourceEmptyError } from './source-errors.ts';

/** What one reading of a whole file tells before its first row is used. */
export interface FileSurvey {
  readonly file: CsvFile;
  readonly reader: LineReader;
  readonly timeFormat: TimeFormat;
  /** Bad rows included. */
  readonly rowCount: number;
  readonly spanNs: TimeSpan;
  readonly sha256: string;
}

export interface SurveyOptions {
  readonly readerOf: (file: CsvFile, header: readonly string[]) => LineReader;
  /** The step of an index that stands in place of a time. */
  readonly intervalNs: bigint;
}

/**
 * Reads a file to its end, so that a fault at the end of a gzip is known before the first tick is on the log.
 *
 * @throws SourceUnreadableError, SourceEmptyError, SourceColumnsError
 */
export async function surveyFile(file: CsvFile, options: SurveyOptions): Promise<FileSurvey> {
  // A gzip of no bytes would be told as a truncated one.
  if ((await stat(file.path)).size === 0) throw empty(file, 'the file was empty');
  const hash = createHash('sha256');
  const onBytes = (chunk: Buffer): void => void hash.update(chunk);
  let reader: LineReader | null = null;
  let rowCount = 0;
  let times: TimeSurvey | null = null;
  for await (const batch of csvLines(file, { fromLine: 1, onBytes })) {
    let rows = batch;
    if (times === null || reader === null) {
      reader = options.readerOf(file, batch[0].fields);
      times = new TimeSurvey(reader.timeFormat, options.intervalNs);
      rows = batch.slice(1);
    }
    rowCount += rows.length;
    for (const row of rows) times.take(row.fields[reader.timeAt]);
  }
  if (times === null || reader === null) throw empty(file, 'the file was empty');
  if (rowCount === 0) throw empty(file, 'there was only a header');
  return { file, reader, rowCount, sha256: hash.digest('hex'), ...times.found(file) };
}

class TimeSurvey {
  private format: TimeFormat | null;
  private readonly intervalNs: bigint;
  private spanNs: TimeSpan | null = null;
  private example: string | null = null;

  constructor(format: TimeFormat | null, intervalNs: bigint) {
    this.format = format;
    this.intervalNs = intervalNs;
  }

  take(text: string | undefined): void {
    this.example ??= text ?? '';
    this.format ??= timeFormatOf(text ?? '', this.intervalNs);
    const timeNs = this.format === null ? null : timeOrNull(text, this.format);
    if (timeNs !== null) this.spanNs = joined(this.spanNs, { first: timeNs, last: timeNs });
  }

  found(file: CsvFile): { timeFormat: TimeFormat; spanNs: TimeSpan } {
    if (this.format === null || this.spanNs === null) {
      throw new SourceColumnsError(
        `${file.name}: the time column must hold dates, nanoseconds, milliseconds or an index, was ${JSON.stringify(this.example)}`,
        { file: file.name },
      );
    }
    return { timeFormat: this.format, spanNs: this.spanNs };
  }
}

/** The span that holds both; bigints have no Math.min. */
export function joined(span: TimeSpan | null, other: TimeSpan): TimeSpan {
  if (span === null) return other;
  const isEarlier = other.first < span.first;
  const isLater = other.last > span.last;
  if (!isEarlier && !isLater) return span;
  return { first: isEarlier ? other.first : span.first, last: isLater ? other.last : span.last };
}

/** Null where it is no time; the door says why when it sees the row. */
export function timeOrNull(raw: unknown, format: TimeFormat): bigint | null {
  try {
    return eventTimeFrom(raw, format);
  } catch (cause) {
    if (cause instanceof InvalidTickError) return null;
    throw cause;
  }
}

/** Whole numbers up to 11 digits are an index: as milliseconds they would lie before 1974. */
function timeFormatOf(text: string, intervalNs: bigint): TimeFormat | null {
  if (/^\d{4}-\d\d-\d\d/.test(text)) return 'date';
  if (/^\d{17,19}$/.test(text)) return 'ns';
  if (/^\d{12,14}(\.\d+)?$/.test(text)) return 'ms';
  return /^\d{1,11}$/.test(text) ? { intervalNs } : null;
}

function empty(file: CsvFile, found: string): SourceEmptyError {
  return new SourceEmptyError(
    `${file.name}: there must be a header and at least one row, ${found}`,
    {
      file: file.name,
    },
  );
}
