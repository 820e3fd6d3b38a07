import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { artefactName, isArtefactName, requireArtefact } from '../artefact-name.ts';
import type { ModelStore } from '../model-store.ts';
import { StateUnavailableError } from '../state-errors.ts';
import { isMissing, writeDurably } from './durable-file.ts';

/**
 * Artefacts in a folder that every process of the run sees, one file each, named by its sha256. It outlives a wiped Redis, after
 * which the models that the log switches to are needed again.
 */
export function openFileModelStore(folder: string): ModelStore {
  return {
    async put(bytes) {
      // Copied first: the name must be that of the bytes it stands for.
      const kept = Uint8Array.from(bytes);
      const sha = artefactName(kept);
      await told(folder, writeDurably(folder, sha, [kept]));
      return sha;
    },
    async get(sha) {
      if (!isArtefactName(sha)) return null;
      const bytes = await told(folder, unlessMissing(readFile(join(folder, sha))));
      if (bytes === null) return null;
      requireArtefact(sha, bytes);
      return Uint8Array.from(bytes);
    },
    async remove(sha) {
      if (isArtefactName(sha)) await told(folder, rm(join(folder, sha), { force: true }));
    },
  };
}

async function unlessMissing(reading: Promise<Uint8Array>): Promise<Uint8Array | null> {
  try {
    return await reading;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** @throws StateUnavailableError `STATE_UNAVAILABLE` */
async function told<T>(folder: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new StateUnavailableError(
      `models in ${folder} must be usable, were not`,
      { folder },
      error,
    );
  }
}
