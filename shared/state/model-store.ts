/**
 * Artefacts by content. Promises (test/contract/model-store.contract.ts): `put` is durable when it resolves and idempotent;
 * `get` returns exactly the bytes whose sha256 was asked for, or null; bytes that no longer match throw `BYTES_CORRUPT`.
 */
export interface ModelStore {
  /** @returns sha256 of the bytes, hex */
  put(bytes: Uint8Array): Promise<string>;
  get(sha: string): Promise<Uint8Array | null>;
  /** Forgets the artefact; nothing where there is none. For models that no record of the log can ask for again. */
  remove(sha: string): Promise<void>;
}
