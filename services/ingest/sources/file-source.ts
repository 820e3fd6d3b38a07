import { basename } from 'node:path';
import type { TimeFormat } from '#shared/market/raw-tick.ts';
import { type CsvFile, csvFilesOf } from './csv-files.ts';
import { csvLines } from './csv-lines.ts';
import { type FileSurvey, joined, surveyFile, timeOrNull } from './file-survey.ts';
import type { LineReader } from './layout.ts';
import { mergeByTime, type TimedRow } from './merge-by-time.ts';
import type { SourceDescription, SourceRow, TickSource } from './source.ts';
import { SourceColumnsError, SourceUseError } from './source-errors.ts';
import { type TickColumns, tickLayout } from './tick-layout.ts';
import { wideLayout } from './wide-layout.ts';

const ROWS_PER_BATCH = 2_000;

export interface FileSourceOptions {
  /** A .csv or .csv.gz file, or a folder of them, which are merged by event time. */
  readonly input: string;
  readonly layout: 'ticks' | 'wide';
  /** Where a symbol's name comes from: see TickLayout and WideLayout. */
  readonly symbolFrom: 'column' | 'file';
  /** Names of columns that differ from the reference; of a wide file only `time` counts. */
  readonly columns?: Partial<TickColumns>;
  /** Absent: recognised. `index` counts steps of the interval. */
  readonly timeFormat?: 'ns' | 'ms' | 'date' | 'index';
  /** Default 1 s. */
  readonly intervalNs?: bigint;
  /** Quote currency per symbol, where known. */
  readonly priceSteps?: Readonly<Record<string, number>>;
}

/** Recorded ticks. Finite; feed epoch 1; every row has the same number in every reading. */
export function fileSource(options: FileSourceOptions): TickSource {
  let surveys: Promise<readonly FileSurvey[]> | null = null;
  let isClosed = false;
  return {
    open: async () => {
      surveys ??= surveyAll(options);
      return describe(options, await surveys);
    },
    rows: async function* () {
      if (surveys === null) throw new SourceUseError('a source must be opened before its rows');
      const inputs = (await surveys).map(timedRows);
      let seq = 0n;
      for await (const batch of mergeByTime(inputs, ROWS_PER_BATCH)) {
        if (isClosed) return;
        yield batch.map(({ where, raw }): SourceRow => ({ seq: ++seq, feedEpoch: 1, where, raw }));
      }
    },
    close: async () => {
      isClosed = true;
    },
  };
}

async function surveyAll(options: FileSourceOptions): Promise<readonly FileSurvey[]> {
  const intervalNs = options.intervalNs ?? 1_000_000_000n;
  const readerOf = readerFor(options, intervalNs);
  const surveys: FileSurvey[] = [];
  // One after the other: the first bad file, by name, is the one that is told.
  for (const file of await csvFilesOf(options.input)) {
    surveys.push(await surveyFile(file, { readerOf, intervalNs }));
  }
  refuseEqualSymbols(surveys);
  return surveys;
}

function readerFor(
  options: FileSourceOptions,
  intervalNs: bigint,
): (file: CsvFile, header: readonly string[]) => LineReader {
  const { layout, symbolFrom, columns = {} } = options;
  const timeFormat: TimeFormat | undefined =
    options.timeFormat === 'index' ? { intervalNs } : options.timeFormat;
  const format = timeFormat === undefined ? {} : { timeFormat };
  if (layout === 'ticks') {
    return (file, header) => tickLayout(file, header, { symbolFrom, columns, ...format });
  }
  const time = columns.time === undefined ? {} : { timeColumn: columns.time };
  return (file, header) => wideLayout(file, header, { symbolFrom, ...time, ...format });
}

function refuseEqualSymbols(surveys: readonly FileSurvey[]): void {
  const owners = new Map<string, string>();
  for (const { file, reader } of surveys) {
    for (const symbol of Object.values(reader.groups).flat()) {
      const other = owners.get(symbol);
      if (other !== undefined) {
        throw new SourceColumnsError(
          `a series must be in one file, ${symbol} was in ${other} and ${file.name}; take the symbols from the file to tell them apart`,
          { symbol },
        );
      }
      owners.set(symbol, file.name);
    }
  }
}

function describe(options: FileSourceOptions, surveys: readonly FileSurvey[]): SourceDescription {
  // Not `Object.assign`, which would lose a group of the name `__proto__`.
  const groups = Object.fromEntries(surveys.flatMap(({ reader }) => Object.entries(reader.groups)));
  return {
    feed: basename(options.input),
    begin: {
      ...(options.layout === 'wide' ? { groups } : {}),
      ...(options.priceSteps === undefined ? {} : { priceSteps: options.priceSteps }),
    },
    rowCount: surveys.reduce((sum, { rowCount }) => sum + rowCount, 0),
    spanNs: surveys.map(({ spanNs }) => spanNs).reduce(joined),
    inputs: surveys.map(({ file, sha256 }) => ({ name: file.name, sha256 })),
  };
}

async function* timedRows({ file, reader, timeFormat }: FileSurvey): AsyncGenerator<TimedRow[]> {
  let keyNs: bigint | null = null;
  for await (const batch of csvLines(file, { fromLine: 2 })) {
    yield batch.map(({ fields, line }): TimedRow => {
      const text = fields[reader.timeAt];
      const timeNs = timeOrNull(text, timeFormat);
      if (timeNs !== null && (keyNs === null || timeNs > keyNs)) keyNs = timeNs;
      // A time that was read needs no second reading at the door, whatever its format was.
      const raw =
        timeNs === null
          ? reader.rawFrom(fields, text, timeFormat)
          : reader.rawFrom(fields, timeNs, 'ns');
      return { keyNs: keyNs ?? 0n, where: `${file.name}:${line}`, raw };
    });
  }
}
