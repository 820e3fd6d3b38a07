import { artefactName, isArtefactName, requireArtefact } from '../artefact-name.ts';
import type { ModelStore } from '../model-store.ts';
import { RedisConnection } from './redis-connection.ts';

export interface RedisModelStoreOptions {
  /** redis: or rediss:, with user, password and database where needed. */
  readonly url: string;
  /** Begins every key, so that several pipelines may share a server. */
  readonly prefix: string;
  /** How long a call waits for a server that is away, in ms; 10 s where absent. */
  readonly patienceMs?: number;
}

export interface RedisModelStore extends ModelStore {
  close(): Promise<void>;
}

/**
 * Artefacts in Redis, keyed by their sha256.
 *
 * @throws StateEvictableError `STATE_EVICTABLE`, StateUnavailableError `STATE_UNAVAILABLE`
 */
export async function openRedisModelStore({
  url,
  prefix,
  patienceMs,
}: RedisModelStoreOptions): Promise<RedisModelStore> {
  const redis = await RedisConnection.open(url, patienceMs);
  const keyOf = (sha: string): string => `{${prefix}}:model:${sha}`;
  return {
    async put(bytes) {
      // Copied first: the command may be sent again, and the name must be that of the bytes it stands for.
      const kept = Buffer.from(bytes);
      const sha = artefactName(kept);
      await redis.ask('SET', keyOf(sha), kept);
      return sha;
    },
    async get(sha) {
      if (!isArtefactName(sha)) return null;
      const bytes = (await redis.ask('GET', keyOf(sha))) as Buffer | null;
      if (bytes === null) return null;
      requireArtefact(sha, bytes);
      return Uint8Array.from(bytes);
    },
    async remove(sha) {
      if (!isArtefactName(sha)) return;
      await redis.ask('DEL', keyOf(sha));
    },
    close: () => redis.close(),
  };
}
