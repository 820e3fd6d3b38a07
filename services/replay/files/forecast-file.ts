import { open, rename, rm } from 'node:fs/promises';
import type { Forecast } from '#shared/forecast/forecast.ts';
import { ReplayArgumentError } from '../replay-error.ts';
import { type ColumnLayout, forecastColumns, forecastRows } from './forecast-columns.ts';
import { openParquetRows } from './parquet-rows.ts';
import type { RowFile } from './row-file.ts';
import { openTextRows } from './text-rows.ts';

/** The kinds of forecast file, by the end of the name. */
export const FORECAST_FILE_ENDINGS = ['.csv', '.csv.gz', '.ndjson', '.parquet'] as const;

export type ForecastFileEnding = (typeof FORECAST_FILE_ENDINGS)[number];

/** A forecast file being written. It has another name until `finish`, so a half-written file is never mistaken for a whole one. */
export interface ForecastFile {
  readonly rowCount: number;
  write(forecasts: readonly Forecast[]): Promise<void>;
  /** Flushes to the disk and gives the file its name. */
  finish(): Promise<void>;
  /** Takes the half-written file away. */
  discard(): Promise<void>;
}

/** @throws ReplayArgumentError `REPLAY_ARGUMENT` */
export function endingOf(path: string): ForecastFileEnding {
  const ending = FORECAST_FILE_ENDINGS.find((one) => path.endsWith(one));
  if (ending === undefined) {
    throw new ReplayArgumentError(
      `a forecast file ends in ${FORECAST_FILE_ENDINGS.join(', ')}, was ${path}`,
      { path },
    );
  }
  return ending;
}

export async function openForecastFile(path: string, layout: ColumnLayout): Promise<ForecastFile> {
  const partial = `${path}.partial`;
  const rows = await openRows(endingOf(path), partial, layout);
  let rowCount = 0;
  return {
    get rowCount() {
      return rowCount;
    },
    write: async (forecasts) => {
      for (const forecast of forecasts) {
        for (const row of forecastRows(layout, forecast)) {
          await rows.write(row);
          rowCount += 1;
        }
      }
    },
    finish: async () => {
      await rows.close();
      await flushed(partial);
      await rename(partial, path);
    },
    discard: async () => {
      // Whatever made it half-written, a full disk say, may keep it from being closed in form.
      await rows.close().catch(() => {});
      await rm(partial, { force: true });
    },
  };
}

function openRows(
  ending: ForecastFileEnding,
  path: string,
  layout: ColumnLayout,
): Promise<RowFile> {
  const columns = forecastColumns(layout);
  if (ending === '.parquet') return openParquetRows(path, columns);
  return openTextRows(path, columns, {
    format: ending === '.ndjson' ? 'ndjson' : 'csv',
    gzip: ending === '.csv.gz',
  });
}

async function flushed(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
