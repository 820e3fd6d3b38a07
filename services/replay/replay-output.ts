import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { EventLog } from '#shared/log/event-log.ts';
import { decodeVersionedJson } from '#shared/numeric/versioned-json.ts';
import type { ColumnLayout } from './files/forecast-columns.ts';
import { type ForecastFile, openForecastFile } from './files/forecast-file.ts';
import { forecastDigest } from './forecast-digest.ts';
import { mergedForecasts } from './merged-forecasts.ts';
import { ReplayFailedError } from './replay-error.ts';

export interface ForecastsWritten {
  readonly forecastCount: number;
  readonly warmingCount: number;
  /** Rows of the file; 0 without one. */
  readonly rowCount: number;
  readonly digest: string;
  /** Hex, in the order in which they came into use. */
  readonly modelShas: readonly string[];
}

/** Reads every forecast of a log once: digest, counts, and the file where one is wanted. */
export async function writeForecasts(
  log: EventLog,
  path: string | null,
  layout: ColumnLayout,
): Promise<ForecastsWritten> {
  const file = path === null ? null : await opened(path, layout);
  const digest = forecastDigest();
  const modelShas = new Set<string>();
  let forecastCount = 0;
  let warmingCount = 0;
  try {
    for await (const group of mergedForecasts(log)) {
      for (const forecast of group) {
        digest.add(forecast);
        modelShas.add(forecast.modelSha);
        forecastCount += 1;
        if (forecast.isWarming) warmingCount += 1;
      }
      await file?.write(group);
    }
    await file?.finish();
  } catch (error) {
    await file?.discard();
    throw isOfTheDisk(error) ? unwritten(path, error) : error;
  }
  const rowCount = file?.rowCount ?? 0;
  return {
    forecastCount,
    warmingCount,
    rowCount,
    digest: digest.finish(),
    modelShas: [...modelShas],
  };
}

async function opened(path: string, layout: ColumnLayout): Promise<ForecastFile> {
  try {
    return await openForecastFile(path, layout);
  } catch (error) {
    throw isOfTheDisk(error) ? unwritten(path, error) : error;
  }
}

function isOfTheDisk(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function unwritten(path: string | null, cause: unknown): ReplayFailedError {
  return new ReplayFailedError(
    `${path} must be written, was not (${String(cause)}); what was replayed is kept, the same command goes on from here`,
    { path },
    cause,
  );
}

/** Counts the rejects of a log by reason and writes them as NDJSON, where there are any and a path is given. */
export async function writeRejects(
  log: EventLog,
  path: string | null,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  const { start, end } = await log.bounds('rejects', 0);
  if (start === end) return counts;
  const lines = async function* () {
    for await (const records of log.read('rejects', 0, start, end)) {
      for (const { value } of records) {
        const reject = decodeVersionedJson(1, value, 'reject') as { readonly reason: string };
        counts[reject.reason] = (counts[reject.reason] ?? 0) + 1;
        yield `${JSON.stringify(reject)}\n`;
      }
    }
  };
  if (path === null) {
    for await (const _ of lines());
    return counts;
  }
  await pipeline(lines, createWriteStream(`${path}.partial`));
  await rename(`${path}.partial`, path);
  return counts;
}
