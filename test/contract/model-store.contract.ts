import { createHash } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ModelStore } from '#shared/state/model-store.ts';

export interface ModelStoreUnderTest {
  readonly store: ModelStore;
  /** Absent where nothing outlives the process. */
  readonly reopen?: () => Promise<ModelStore>;
  /** Changes a byte of what is stored under this name. */
  readonly corrupt: (sha: string) => Promise<ModelStore>;
  readonly close: () => Promise<void>;
}

const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const artefact = (seed: number, length = 300_000): Uint8Array =>
  Uint8Array.from({ length }, (_, k) => (k * 31 + seed) % 256);

/** What every ModelStore promises. */
export function modelStoreContract(name: string, open: () => Promise<ModelStoreUnderTest>): void {
  const openHere = async (): Promise<ModelStoreUnderTest> => {
    const opened = await open();
    onTestFinished(opened.close);
    return opened;
  };

  describe(`${name} keeps artefacts by content`, () => {
    test('an artefact is found under the sha256 of its bytes, and only there', async () => {
      const { store } = await openHere();
      const bytes = artefact(1);
      const sha = await store.put(bytes);
      expect(sha).toBe(shaOf(artefact(1)));
      expect(Buffer.compare((await store.get(sha)) ?? Buffer.of(), bytes)).toBe(0);
      expect(await store.get(shaOf(artefact(2)))).toBeNull();
      expect(await store.get('no sha at all')).toBeNull();
    });

    test('putting the same bytes again changes nothing', async () => {
      const { store } = await openHere();
      const shas = await Promise.all([1, 2, 1].map((seed) => store.put(artefact(seed))));
      expect(shas[0]).toBe(shas[2]);
      expect(await store.get(shas[0])).toEqual(artefact(1));
      expect(await store.get(shas[1])).toEqual(artefact(2));
    });

    test('an artefact is what it was when it was put, whatever becomes of the buffer', async () => {
      const { store } = await openHere();
      const bytes = artefact(3);
      const sha = await store.put(bytes);
      bytes.fill(0);
      expect(await store.get(sha)).toEqual(artefact(3));
    });

    test('bytes that no longer match their name are not handed out', async () => {
      const { store, corrupt } = await openHere();
      const sha = await store.put(artefact(4));
      const again = await corrupt(sha);
      await expect(again.get(sha)).rejects.toMatchObject({ code: 'BYTES_CORRUPT' });
    });

    test('a removed artefact is gone, the others stay, and removing it again is nothing', async () => {
      const { store } = await openHere();
      const [gone, kept] = await Promise.all([6, 7].map((seed) => store.put(artefact(seed))));
      await store.remove(gone);
      await store.remove(gone);
      await store.remove('no sha at all');
      expect(await store.get(gone)).toBeNull();
      expect(await store.get(kept)).toEqual(artefact(7));
    });

    test('an artefact outlives the process that put it', async ({ skip }) => {
      const { store, reopen } = await openHere();
      if (reopen === undefined) return skip('nothing of it outlives its process');
      const sha = await store.put(artefact(5));
      expect(await (await reopen()).get(sha)).toEqual(artefact(5));
    });
  });
}
