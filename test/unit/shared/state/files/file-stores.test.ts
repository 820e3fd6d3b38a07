import { readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFileModelStore } from '#shared/state/files/file-model-store.ts';
import { openFileSnapshotStore } from '#shared/state/files/file-snapshot-store.ts';
import { aFolder } from '#test/builders/a-folder.ts';
import { modelStoreContract } from '#test/contract/model-store.contract.ts';
import { snapshotStoreContract } from '#test/contract/snapshot-store.contract.ts';

async function changed(path: string, how: 'flip' | 'cut'): Promise<void> {
  const bytes = await readFile(path);
  bytes[40] ^= 4;
  await writeFile(path, how === 'flip' ? bytes : bytes.subarray(0, -5));
}

async function fileOf(folder: string, beginning: string): Promise<string> {
  const files = await readdir(folder, { recursive: true });
  const found = files.find((file) => file.split('/').at(-1)?.startsWith(beginning));
  if (found === undefined) throw new Error(`there must be a file ${beginning}, were ${files}`);
  return join(folder, found);
}

snapshotStoreContract('the folder of snapshots', async () => {
  const folder = await aFolder({});
  return {
    store: openFileSnapshotStore(folder),
    reopen: async () => openFileSnapshotStore(folder),
    damage: async ({ next }, how) => changed(await fileOf(folder, `${next}-`), how),
    close: async () => undefined,
  };
});

modelStoreContract('the folder of models', async () => {
  const folder = join(await aFolder({}), 'models');
  return {
    store: openFileModelStore(folder),
    reopen: async () => openFileModelStore(folder),
    corrupt: async (sha) => {
      await changed(join(folder, sha), 'flip');
      return openFileModelStore(folder);
    },
    close: async () => undefined,
  };
});

const snapshot = {
  ...{ run: 'r', partition: 0, next: 5n, takenAtMs: 1 },
  ...{ partitionState: Uint8Array.of(1), symbols: [] },
};

test('a snapshot under the name of another is refused', async () => {
  const folder = await aFolder({});
  const store = openFileSnapshotStore(folder);
  await store.write(snapshot);
  const path = await fileOf(folder, '5-');
  await rename(path, path.replace('5-1', '6-1'));
  const read = store.read({ ...snapshot, next: 6n });
  await expect(read).rejects.toMatchObject({ code: 'BYTES_CORRUPT' });
});

test('a folder that cannot be written says so, with its name', async () => {
  const folder = await aFolder({ file: 'no folder' });
  const store = openFileSnapshotStore(join(folder, 'file'));
  const refused = { code: 'SNAPSHOT_WRITE_FAILED', message: expect.stringContaining(folder) };
  await expect(store.write(snapshot)).rejects.toMatchObject(refused);
  const models = openFileModelStore(join(folder, 'file'));
  const unavailable = { code: 'STATE_UNAVAILABLE' };
  await expect(models.put(Uint8Array.of(1))).rejects.toMatchObject(unavailable);
});

test('what a killed writer left is no snapshot, and is removed when it is old', async () => {
  const folder = await aFolder({});
  const store = openFileSnapshotStore(folder);
  await store.write(snapshot);
  const inside = join(await fileOf(folder, '5-'), '..');
  for (const name of ['.9-1.snapshot.aa.tmp', '.8-1.snapshot.bb.tmp']) {
    await writeFile(join(inside, name), 'half of it');
  }
  await utimes(join(inside, '.9-1.snapshot.aa.tmp'), 1, 1);
  expect(await store.list('r', 0)).toHaveLength(1);
  await store.write({ ...snapshot, next: 6n });
  const left = (await readdir(inside)).filter((name) => name.endsWith('.tmp'));
  expect(left).toEqual(['.8-1.snapshot.bb.tmp']);
});
