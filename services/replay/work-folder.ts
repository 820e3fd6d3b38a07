import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FOLD_VERSION } from '#shared/forecast/forecaster.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { LogLockedError } from '#shared/log/log-errors.ts';
import { openTapeFolder } from './tape-folder.ts';
import type { TapeStores } from './tape-stores.ts';

export interface WorkFolder {
  readonly id: string;
  readonly folder: string;
  /** An earlier start with the same arguments left work here. */
  readonly isResumed: boolean;
  readonly stores: TapeStores;
  /** Closes the stores; takes the folder away where the work is done and nobody wants to keep it. */
  close(end: { readonly removes: boolean }): Promise<void>;
}

export interface WorkFolderOptions {
  readonly dataDir: string;
  readonly partitionCount: number;
  /** Everything the forecasts depend on: another value, another folder. Plain JSON. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Pinned in the folder's manifest, so that the folder is a recording like that of a live run. */
  readonly settings: ForecasterSettings;
  readonly isFresh: boolean;
}

/**
 * The folder in which one replay keeps its log, state and models, named after what its forecasts depend on. The same arguments
 * find it again and go on.
 *
 * @throws LogLockedError `LOG_LOCKED` while another process replays the same
 */
export async function openWorkFolder(options: WorkFolderOptions): Promise<WorkFolder> {
  const id = identityOf(options.identity);
  const folder = join(options.dataDir, 'replay', id);
  const pinned = { ...options.settings, foldVersion: FOLD_VERSION, replay: id };
  const open = () => openTapeFolder(join(folder, 'log'), options.partitionCount, pinned);
  if (options.isFresh && existsSync(folder)) await removeUnlessInUse(folder, open);
  const isResumed = existsSync(folder);
  await mkdir(folder, { recursive: true });
  const stores = await open();
  const readable = `${JSON.stringify(options.identity, null, 2)}\n`;
  await writeFile(join(folder, 'replay.json'), readable);
  return {
    id,
    folder,
    isResumed,
    stores,
    close: async ({ removes }) => {
      await stores.close();
      if (removes) await removeWork(folder);
    },
  };
}

export function removeWork(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}

/** 16 hex digits of the sha256 of the JSON, keys in the order given. */
export function identityOf(identity: Readonly<Record<string, unknown>>): string {
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16);
}

// Opening takes the folder's lock: a replay that runs now is not pulled away from under its process.
async function removeUnlessInUse(folder: string, open: () => Promise<TapeStores>): Promise<void> {
  try {
    await (await open()).close();
  } catch (error) {
    if (error instanceof LogLockedError) throw error;
    // Whatever else keeps it from opening is a reason to start over, which is what was asked for.
  }
  await removeWork(folder);
}
