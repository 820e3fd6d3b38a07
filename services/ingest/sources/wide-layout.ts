import type { TimeFormat } from '#shared/market/raw-tick.ts';
import { asSymbol, InvalidSymbolError, type SymbolName } from '#shared/market/symbol.ts';
import type { CsvFile } from './csv-files.ts';
import { type LineReader, wrongCount } from './layout.ts';
import { SourceColumnsError } from './source-errors.ts';

export interface WideLayout {
  /** Absent: the first one. */
  readonly timeColumn?: string;
  /** `column`: a symbol is the column's name; `file`: `stem:column`, where several files use one name. */
  readonly symbolFrom: 'column' | 'file';
  /** Absent: recognised. */
  readonly timeFormat?: TimeFormat;
}

/**
 * One time column and one column per series; a line is one row of the group, which is named after the file. A single column
 * `value` says nothing, so the series is then named after the file too.
 *
 * @throws SourceColumnsError `SOURCE_COLUMNS`
 */
export function wideLayout(
  file: CsvFile,
  header: readonly string[],
  layout: WideLayout,
): LineReader {
  const timeAt = layout.timeColumn === undefined ? 0 : header.indexOf(layout.timeColumn);
  const columns = header.filter((_, at) => at !== timeAt);
  checkHeader(file, header, timeAt, layout);
  const symbols = columns.map((column) => symbolOf(file, column, columns, layout));
  return {
    timeAt,
    timeFormat: layout.timeFormat ?? null,
    groups: { [file.stem]: symbols },
    rawFrom: (fields, time, timeFormat) => {
      if (fields.length !== header.length) return wrongCount(fields, header.length);
      const values = fields.toSpliced(timeAt, 1);
      return { kind: 'row', symbol: file.stem, time, timeFormat, values, columns };
    },
  };
}

function checkHeader(
  file: CsvFile,
  header: readonly string[],
  timeAt: number,
  layout: WideLayout,
): void {
  const fail = (text: string): SourceColumnsError =>
    new SourceColumnsError(`${file.name}: ${text}`, { file: file.name, header });
  if (timeAt < 0) {
    throw fail(
      `there must be a time column ${layout.timeColumn}, columns were ${header.join(', ')}`,
    );
  }
  if (header.length < 2) {
    throw fail(
      `there must be a time column and at least one series, was only ${header.join(', ')}`,
    );
  }
  const twice = header.find((name, at) => header.indexOf(name) !== at);
  if (twice !== undefined)
    throw fail(`columns must differ, ${JSON.stringify(twice)} was there twice`);
}

function symbolOf(
  file: CsvFile,
  column: string,
  columns: readonly string[],
  layout: WideLayout,
): SymbolName {
  const isNameless = columns.length === 1 && column === 'value';
  const qualified = layout.symbolFrom === 'file' ? `${file.stem}:${column}` : column;
  try {
    return asSymbol(isNameless ? file.stem : qualified);
  } catch (cause) {
    if (!(cause instanceof InvalidSymbolError)) throw cause;
    const details = { file: file.name, column };
    throw new SourceColumnsError(
      `${file.name}, column ${column}: ${cause.message}`,
      details,
      cause,
    );
  }
}
