import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Environment, openEnvironment } from '#shared/log/embedded/embedded-environment.ts';
import { openEmbeddedLog } from '#shared/log/embedded/embedded-log.ts';
import {
  openEmbeddedCommit,
  openEmbeddedModelStore,
} from '#shared/state/embedded/embedded-store.ts';
import { decodeClaim, encodeClaim } from '#shared/state/embedded/state-record.ts';
import { aFolder } from '#test/builders/a-folder.ts';
import { anEnvironment } from '#test/builders/an-environment.ts';
import { Heard } from '#test/builders/heard.ts';
import { modelStoreContract } from '#test/contract/model-store.contract.ts';
import { partitionCommitContract, type Stores } from '#test/contract/partition-commit.contract.ts';

const KILLED = join(import.meta.dirname, 'commit-until-killed.ts');
const KILLS = 16;
/** Longer than one commit takes, so that the kills meet every phase of it. */
const SPREAD_MS = 4;

const storesOf = (environment: Environment): Stores => {
  const log = openEmbeddedLog(environment);
  return { log, store: openEmbeddedCommit(environment, log) };
};

/** Puts other bytes where these were. */
async function rewrite(
  environment: Environment,
  { table, key }: { readonly table: string; readonly key: Uint8Array },
  change: (bytes: Uint8Array) => Uint8Array,
): Promise<void> {
  const rows = environment.table(table);
  await environment.transact(() => {
    const before = rows.get(key);
    if (before === undefined) throw new Error('there must be something to rewrite');
    rows.putSync(key, change(Uint8Array.from(before)));
  });
}

function withFlippedBit(bytes: Uint8Array): Uint8Array {
  bytes[bytes.length - 1] ^= 4;
  return bytes;
}

partitionCommitContract('the lmdb commit', async () => {
  const { environment, reopen } = await anEnvironment();
  return {
    outputsAre: 'with the state',
    ...storesOf(environment),
    reopen: async () => storesOf(await reopen()),
    reopenAsAnotherRun: async () => {
      const key = Buffer.of(0, 0, 0, 0, 0);
      await rewrite(environment, { table: 'state', key }, (bytes) =>
        encodeClaim({ ...decodeClaim(bytes, 'a claim'), run: 'another' }),
      );
      return storesOf(await reopen());
    },
    corrupt: async (partition, symbol) => {
      const key = Buffer.concat([Buffer.of(0, 0, 0, partition, 1), Buffer.from(symbol)]);
      await rewrite(environment, { table: 'state', key }, withFlippedBit);
      return storesOf(await reopen());
    },
    close: async () => undefined,
  };
});

modelStoreContract('the lmdb model store', async () => {
  const { environment, reopen } = await anEnvironment();
  return {
    store: openEmbeddedModelStore(environment),
    reopen: async () => openEmbeddedModelStore(await reopen()),
    corrupt: async (sha) => {
      const key = Buffer.from(sha, 'hex');
      await rewrite(environment, { table: 'models', key }, withFlippedBit);
      return openEmbeddedModelStore(await reopen());
    },
    close: async () => undefined,
  };
});

/**
 * Lets a process commit until it has acknowledged `count` times and `laterMs` have passed, kills it, and tells the last `next`
 * that it acknowledged.
 */
async function killAfter(folder: string, count: number, laterMs: number): Promise<bigint> {
  const child = spawn(process.execPath, [KILLED, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const heard = new Heard<string>();
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) heard.push(line);
  });
  await heard.until((all) => all.length >= count, `${count} commits`);
  // A timer counts whole milliseconds, which is most of a commit.
  const at = performance.now() + laterMs;
  while (performance.now() < at);
  child.kill('SIGKILL');
  await once(child, 'close');
  return BigInt(heard.all.at(-1) ?? '');
}

/** Everything in the folder must follow from the stored `next`, as commit-until-killed.ts writes it. */
async function requireWhole(folder: string): Promise<bigint> {
  const environment = await openEnvironment({ folder, partitionCount: 2, settings: {} });
  const { log, store } = storesOf(environment);
  const { header } = await store.claim(0, 0);
  const next = header?.next ?? 0n;
  const numberOf = (bytes: Uint8Array): bigint =>
    new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true);
  expect(numberOf(header?.partitionState ?? new Uint8Array(8))).toBe(next);
  const newest: bigint[] = [];
  for await (const page of store.load(0)) {
    for (const { symbol, bytes } of page) {
      const written = numberOf(bytes);
      expect(bytes.subarray(8).every((byte) => byte === Number(written % 251n))).toBe(true);
      expect(written).toBeLessThanOrEqual(next);
      if (symbol === 'always') newest.push(written);
    }
  }
  expect(newest).toEqual([next]);
  let count = 0n;
  for await (const batch of log.read('forecasts', 0, 0n, 1n << 62n)) {
    for (const { value } of batch) expect(numberOf(value)).toBe(count++);
  }
  expect(count).toBe(next);
  const { end } = await log.bounds('scores', 0);
  for await (const [last] of log.read('scores', 0, end - 1n, end)) {
    expect(numberOf(last.value)).toBe(next);
  }
  await environment.close();
  return next;
}

test(`after each of ${KILLS} kills the last acknowledged commit is there, and nothing is half there`, async () => {
  const folder = await aFolder({});
  let before = 0n;
  for (let kill = 0; kill < KILLS; kill++) {
    const laterMs = (SPREAD_MS * kill) / KILLS;
    const acknowledged = await killAfter(folder, 3 + ((kill * 37) % 60), laterMs);
    const next = await requireWhole(folder);
    expect(acknowledged).toBeGreaterThan(before);
    expect(next).toBeGreaterThanOrEqual(acknowledged);
    before = next;
  }
});
