import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { open } from 'lmdb';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type EnvironmentOptions,
  openEnvironment,
} from '#shared/log/embedded/embedded-environment.ts';
import { openEmbeddedLog } from '#shared/log/embedded/embedded-log.ts';
import { identityOf, isAlive } from '#shared/log/embedded/process-identity.ts';
import type { LogRecord } from '#shared/log/event-log.ts';
import type { LogMismatchError } from '#shared/log/log-errors.ts';
import { encodeVersionedJson } from '#shared/numeric/versioned-json.ts';
import { anEnvironment } from '#test/builders/an-environment.ts';
import { eventLogContract } from '#test/contract/event-log.contract.ts';

const HOLDER = join(import.meta.dirname, 'hold-environment.ts');
const OWNER_KEY = Buffer.from('owner');
const values = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, k) => Uint8Array.of(k));

eventLogContract('the lmdb log', async ({ partitionCount = 2, retainRecords }) => {
  const wish = {
    partitionCount,
    ...(retainRecords === undefined ? {} : { retainRecords }),
  } satisfies Partial<EnvironmentOptions>;
  const { environment, reopen } = await anEnvironment(wish);
  const log = openEmbeddedLog(environment);
  return {
    log,
    reopen: async () => {
      await log.close();
      return openEmbeddedLog(await reopen());
    },
    close: () => log.close(),
  };
});

/** Writes beside the environment, as another process or a broken one would. */
async function putRaw(folder: string, key: Buffer, value: Uint8Array): Promise<void> {
  const path = join(folder, 'foretick.mdb');
  const root = open<Buffer, Uint8Array>({
    path,
    noSubdir: true,
    encoding: 'binary',
    keyEncoding: 'binary',
  });
  await root.put(key, Buffer.from(value));
  await root.flushed;
  await root.close();
}

describe('an environment belongs to one process', () => {
  test('a folder that this process has open is not opened twice, and stays usable', async () => {
    const { environment, folder } = await anEnvironment();
    const again = openEnvironment({ folder, partitionCount: 2, settings: {} });
    await expect(again).rejects.toMatchObject({
      code: 'LOG_LOCKED',
      details: { pid: process.pid, folder },
    });
    const log = openEmbeddedLog(environment);
    expect(await log.append('ticks', 0, values(1))).toEqual({ first: 0n });
  });

  test('a folder of a living process is refused, of a killed one it is taken at once', async () => {
    const { environment, folder, reopen } = await anEnvironment();
    await environment.close();
    const child = spawn(process.execPath, [HOLDER, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    await expect(reopen()).rejects.toMatchObject({
      code: 'LOG_LOCKED',
      details: { pid: child.pid },
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const log = openEmbeddedLog(await reopen());
    expect((await log.bounds('ticks', 0)).end).toBe(1n);
  });

  test('a process that was given the id of a dead owner is not taken for it', async () => {
    const { environment, folder, reopen } = await anEnvironment();
    const own = identityOf(process.pid);
    await environment.close();
    const dead = { ...own, startedAt: '1' };
    await putRaw(folder, OWNER_KEY, encodeVersionedJson(1, dead));
    expect((await reopen()).run).toBe(environment.run);
  });

  test('an owner of before the last boot of the machine is dead', () => {
    const own = identityOf(process.pid);
    expect(own).not.toBeNull();
    if (own === null) return;
    expect(isAlive(own)).toBe(true);
    expect(isAlive({ ...own, bootId: '0'.repeat(36) })).toBe(false);
  });

  test('who has lost the folder to another host writes nothing more', async () => {
    const { environment, folder } = await anEnvironment();
    const log = openEmbeddedLog(environment);
    await log.append('ticks', 0, values(1));
    const other = { pid: 1, bootId: 'of another host', startedAt: '1' };
    await putRaw(folder, OWNER_KEY, encodeVersionedJson(1, other));
    const append = log.append('ticks', 0, values(1));
    await expect(append).rejects.toMatchObject({ code: 'LOG_LOCKED', details: { pid: 1 } });
    expect((await log.bounds('ticks', 0)).end).toBe(1n);
  });
});

describe('an environment keeps what its run began with', () => {
  test('the same settings in another order open it again, with the same run', async () => {
    const settings = { horizons: [1, 10], model: { hidden: 32, head: 16 } };
    const { environment, reopen } = await anEnvironment({ settings });
    const turned = { model: { head: 16, hidden: 32 }, horizons: [1, 10] };
    expect((await reopen({ settings: turned })).run).toBe(environment.run);
  });

  test('every setting that differs is named with what was expected and what was found', async () => {
    const { environment, folder, reopen } = await anEnvironment({
      settings: { measure: 'price', seed: 1, old: true },
    });
    const settings = { measure: 'value', seed: 1, fresh: [1] };
    await environment.close();
    const wrong = openEnvironment({ folder, partitionCount: 3, settings });
    const error = (await wrong.catch((caught: unknown) => caught)) as LogMismatchError;
    expect(error.code).toBe('LOG_MISMATCH');
    expect(error.details['differences']).toEqual([
      { key: 'partitionCount', expected: 3, found: 2 },
      { key: 'fresh', expected: [1], found: undefined },
      { key: 'measure', expected: 'value', found: 'price' },
      { key: 'old', expected: undefined, found: true },
    ]);
    for (const text of [
      'partitionCount must be 3, was 2',
      'measure must be "value", was "price"',
    ]) {
      expect(error.message).toContain(text);
    }
    // The refused start has not taken the folder.
    await reopen();
  });

  test('two folders are two runs', async () => {
    const one = await anEnvironment();
    const two = await anEnvironment();
    expect(one.environment.run).not.toBe(two.environment.run);
  });

  test('a closed environment says so', async () => {
    const { environment } = await anEnvironment();
    const log = openEmbeddedLog(environment);
    await environment.close();
    const closed = { code: 'LOG_CLOSED' };
    await expect(log.append('ticks', 0, values(1))).rejects.toMatchObject(closed);
    await environment.close();
  });
});

describe('a record on disk', () => {
  test.each([
    ['with a flipped bit', (bytes: Uint8Array) => bytes.with(2, bytes[2] ^ 16)],
    [
      'whose checksum is another',
      (bytes: Uint8Array) => bytes.with(-1, bytes[bytes.length - 1] ^ 1),
    ],
    ['that was torn', (bytes: Uint8Array) => bytes.slice(0, -3)],
    ['of which next to nothing is left', () => Uint8Array.of(1, 2)],
  ])(
    '%s is refused with its place, by whoever reads it, and those before it are given',
    async (_, damage) => {
      const { environment, reopen } = await anEnvironment();
      const written = Array.from({ length: 5 }, (_, k) => new Uint8Array(9).fill(k));
      await openEmbeddedLog(environment).append('ticks', 1, written);
      const table = environment.table('log-ticks/1');
      const key = Buffer.from('0000000000000003', 'hex');
      const stored = Uint8Array.from(table.get(key) ?? []);
      await environment.transact(() => table.putSync(key, damage(stored)));
      const log = openEmbeddedLog(await reopen());
      const corrupt = {
        code: 'BYTES_CORRUPT',
        message: expect.stringMatching(/^ticks\/1\/3 must .* checksum/),
      };
      const reading = log.read('ticks', 1, 0n, 5n);
      await expect(reading.next()).rejects.toMatchObject(corrupt);
      const before: LogRecord[] = [];
      for await (const records of log.read('ticks', 1, 0n, 3n)) before.push(...records);
      expect(before.map(({ value }) => value)).toEqual(written.slice(0, 3));
      const follower = await log.follow({
        ...{ topic: 'ticks', startAt: () => 0n, onBatch: async () => undefined },
      });
      await expect(follower.done).rejects.toMatchObject(corrupt);
    },
  );
});

describe('retention on disk', () => {
  test('a lowered retention is caught up with in slices, and never below what is kept', async () => {
    const { environment, reopen } = await anEnvironment();
    await openEmbeddedLog(environment).append('ticks', 0, values(4_000));
    const log = openEmbeddedLog(await reopen({ retainRecords: 500 }));
    const starts: bigint[] = [];
    for (let k = 0; k < 5; k++) {
      await log.append('ticks', 0, values(10));
      starts.push((await log.bounds('ticks', 0)).start);
    }
    expect(starts).toEqual([1_010n, 2_020n, 3_030n, 3_540n, 3_550n]);
    const again = openEmbeddedLog(await reopen());
    expect(await again.bounds('ticks', 0)).toMatchObject({ start: 3_550n, end: 4_050n });
    const offsets: bigint[] = [];
    for await (const batch of again.read('ticks', 0, 3_550n, 4_050n)) {
      offsets.push(...batch.map((record) => record.offset));
    }
    expect(offsets.length).toBe(500);
  });
});

test('a folder that cannot be made is named, with the reason', async () => {
  const opening = openEnvironment({ folder: '/dev/null/x', partitionCount: 2, settings: {} });
  await expect(opening).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' });
  await expect(opening).rejects.toThrow(/\/dev\/null\/x must be a folder .*ENOTDIR/);
});

test('closing the log gives its folder free', async () => {
  const { environment, folder } = await anEnvironment();
  await openEmbeddedLog(environment).close();
  const again = await openEnvironment({ folder, partitionCount: 2, settings: {} });
  expect(again.run).toBe(environment.run);
  await again.close();
});

test('a transaction that throws leaves nothing of what it wrote', async () => {
  const { environment } = await anEnvironment();
  const table = environment.table('anything');
  const key = Buffer.from('k');
  const failing = environment.transact(() => {
    table.putSync(key, Buffer.from('v'));
    throw new Error('in the middle');
  });
  const passing = environment.transact(() => table.putSync(Buffer.from('l'), Buffer.from('w')));
  await expect(failing).rejects.toThrow('in the middle');
  await passing;
  expect(table.get(key)).toBeUndefined();
  expect(table.get(Buffer.from('l'))?.toString()).toBe('w');
});
