import { artefactName } from '#shared/state/artefact-name.ts';
import type { ModelStore } from '#shared/state/model-store.ts';
import type { Actor } from './actor.ts';
import type { Network } from './network.ts';

/** All artefacts, and from when on each can be had. */
export class ModelShelf {
  readonly #artefacts = new Map<string, { readonly bytes: Uint8Array; fromMs: number }>();

  put(bytes: Uint8Array, fromMs = 0, sha = artefactName(bytes)): string {
    if (!this.#artefacts.has(sha)) this.#artefacts.set(sha, { bytes, fromMs });
    return sha;
  }

  get(sha: string, nowMs: number): Uint8Array | null {
    const found = this.#artefacts.get(sha);
    return found === undefined || found.fromMs > nowMs ? null : found.bytes;
  }

  /** Cannot be had for a while. */
  hide(untilMs: number): void {
    for (const artefact of this.#artefacts.values()) {
      artefact.fromMs = Math.max(artefact.fromMs, untilMs);
    }
  }
}

/** The shelf as one process sees it: an artefact may be late, or missing for a while. */
export function simulatedModels(shelf: ModelShelf, network: Network, actor: Actor): ModelStore {
  return {
    put: (bytes) => network.call(actor, 'put model', () => shelf.put(bytes)),
    get: (sha) =>
      network.call(actor, `get model ${sha.slice(0, 6)}`, () =>
        shelf.get(sha, network.scheduler.nowMs),
      ),
    remove: async () => {},
  };
}
