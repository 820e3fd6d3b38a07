import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SourceDescription } from '#services/ingest/sources/source.ts';
import type { TrainConfig } from '#services/train/config.ts';
import { FEATURE_VERSION } from '#shared/features/feature-vector.ts';
import { FOLD_VERSION } from '#shared/forecast/forecaster.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import type { ReplayRequest } from './config.ts';
import type { Recording } from './recording.ts';

/** The version of the code, as far as forecasts depend on it. */
export function codeVersion(): Readonly<Record<string, string | number>> {
  const path = resolve(import.meta.dirname, '../../package.json');
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return { foretick: version, fold: FOLD_VERSION, features: FEATURE_VERSION };
}

export interface TapeIdentityParts {
  readonly request: ReplayRequest;
  readonly settings: ForecasterSettings;
  /** Null where nothing is trained. */
  readonly train: TrainConfig | null;
  readonly partitionCount: number;
  readonly description: SourceDescription;
}

/** All that the forecasts depend on, as plain JSON: the replay's identity, and the core of its manifest. */
export function tapeIdentity(parts: TapeIdentityParts): Readonly<Record<string, unknown>> {
  const { request, settings, train, partitionCount, description } = parts;
  const { layout, symbolFrom, badRows, warmUp } = request;
  return {
    inputs: description.inputs ?? [],
    code: codeVersion(),
    tape: { layout, symbolFrom, badRows, warmUp },
    settings,
    // `wait` holds in every replay, whatever the environment says for live runs.
    train: train === null ? null : { ...train, pacing: 'wait' },
    partitionCount,
  };
}

/** The same of a recording: its run names its records, and these are folded up to the ends. */
export function recordingIdentity(
  { log, settings }: Recording,
  ends: readonly bigint[],
): Readonly<Record<string, unknown>> {
  const { run, partitionCount } = log;
  return {
    recorded: { run, ends: ends.map(String) },
    code: codeVersion(),
    settings,
    partitionCount,
  };
}

/** Writes an object as JSON; the file has its name only when it is whole. */
export async function writeManifest(path: string, manifest: unknown): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeFile(`${path}.partial`, text, { flush: true });
  await rename(`${path}.partial`, path);
}
