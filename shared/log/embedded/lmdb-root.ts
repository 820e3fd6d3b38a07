import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { LogMismatchError } from '../log-errors.ts';

export const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;
const FILE = 'foretick.mdb';
/** Databases beside one per partition of a topic: log heads, groups, state, models, and what is still to come. */
const OTHER_DATABASES = 16;

/** @throws LogMismatchError `LOG_MISMATCH` where the file is none of lmdb's, or is missing and may only be read */
export function openRoot(
  { folder, partitionCount }: { readonly folder: string; readonly partitionCount: number },
  { readOnly }: { readonly readOnly: boolean } = { readOnly: false },
): RootDatabase<Uint8Array, Uint8Array> {
  const path = join(folder, FILE);
  try {
    return open<Uint8Array, Uint8Array>({
      path,
      noSubdir: true,
      maxDbs: 2 * partitionCount + OTHER_DATABASES,
      readOnly,
      ...BINARY,
    });
  } catch (cause) {
    throw new LogMismatchError(
      `${path} must be an lmdb file, could not be opened: ${String(cause)}`,
      { path },
      cause,
    );
  }
}
