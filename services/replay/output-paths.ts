import { access, constants, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { csvFilesOf } from '#services/ingest/sources/csv-files.ts';
import type { ReplayRequest } from './config.ts';
import { ReplayArgumentError } from './replay-error.ts';

/**
 * What cannot be written, or would be written over the tape, is better told before an hour of folding than after.
 *
 * @throws ReplayArgumentError `REPLAY_ARGUMENT`, SourceInputError `SOURCE_INPUT`
 */
export async function requireOutputPaths({
  input,
  recorded,
  output,
}: ReplayRequest): Promise<void> {
  const { forecasts, rejects } = output;
  if (forecasts !== null && forecasts === rejects) {
    throw unfit(forecasts, 'forecasts and rejects must be two files, were one');
  }
  for (const path of [forecasts, rejects]) {
    if (path === null) continue;
    await requireFolder(path);
    if (recorded === null) await requireApart(path, input);
  }
}

async function requireFolder(path: string): Promise<void> {
  await access(dirname(path), constants.W_OK).catch((cause: unknown) => {
    throw unfit(path, `the folder of ${path} must be there and writable, was not`, cause);
  });
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) throw unfit(path, `${path} must be a file, was a folder`);
}

/** A file among those of an input folder would be part of the tape at the next start. */
async function requireApart(path: string, input: string): Promise<void> {
  const place = await placeOf(path);
  const files = await csvFilesOf(input);
  const tape = await Promise.all(files.map((file) => placeOf(file.path)));
  if (tape.includes(place)) throw unfit(path, `${path} must not be a file of the input, was`);
  const isFolder = (await stat(input)).isDirectory();
  if (isFolder && /\.csv(\.gz)?$/.test(path) && dirname(place) === (await realpath(input))) {
    throw unfit(path, `${path} must lie outside the input folder, or the next start would read it`);
  }
}

async function placeOf(path: string): Promise<string> {
  const folder = await realpath(dirname(path));
  return realpath(path).catch(() => join(folder, basename(path)));
}

function unfit(path: string, message: string, cause?: unknown): ReplayArgumentError {
  return new ReplayArgumentError(message, { path }, cause);
}
