import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { openRecordedFolder } from '#services/replay/recorded-folder.ts';
import { aFolder } from '#test/builders/a-folder.ts';
import { replayed, startReplay } from '#test/builders/a-replay.ts';
import { eventually, REACH_MS } from '#test/builders/eventually.ts';
import { tickFile } from '#test/builders/tick-file.ts';

const TAPE = '--input ticks.csv.gz --horizons 1,10 --warm-up 25%';

test('a replay writes a forecast for every trade, and leaves no work folder behind', async () => {
  const folder = await aFolder({ 'ticks.csv.gz': tickFile({ tradeCount: 3_000 }) });
  const summary = await replayed(folder, `${TAPE} --forecasts out.parquet`);
  const rows = await parquetReadObjects({
    file: await asyncBufferFromFile(join(folder, 'out.parquet')),
  });
  expect(rows).toHaveLength(3_000);
  expect(summary).toMatchObject({ tickCount: 6_000, forecastCount: 3_000, rowCount: 3_000 });
  expect(summary['switchCount']).toBeGreaterThan(5);
  const scored = rows.filter((row) => row['warming'] === false);
  expect(scored.length).toBeGreaterThan(2_000);
  for (const row of scored) {
    expect(row['h10_q0.025']).toBeLessThanOrEqual(row['h10_q0.5'] as number);
    expect(row['h10_q0.5']).toBeLessThanOrEqual(row['h10_q0.975'] as number);
  }
  const times = rows.map((row) => row['event_time_ns'] as bigint);
  expect(times.every((time, k) => k === 0 || time >= times[k - 1])).toBe(true);
  const manifest = JSON.parse(await readFile(join(folder, 'out.parquet.manifest.json'), 'utf8'));
  expect(manifest).toMatchObject({ digest: summary['digest'], forecastCount: 3_000 });
  expect(await readdir(join(folder, 'replay'))).toEqual([]);
});

test('killed half way and started again it goes on, and ends with the digest of an unbroken replay', async () => {
  const files = { 'ticks.csv.gz': tickFile({ tradeCount: 8_000 }) };
  const [whole, broken] = [await aFolder(files), await aFolder(files)];
  const truth = await replayed(whole, `${TAPE} --forecasts out.csv`);

  const first = startReplay(broken, `${TAPE} --forecasts out.csv`);
  await folderWith(join(broken, 'replay'), first.child);
  await eventually(async () => expect(await savedIn(broken)).toBeGreaterThan(3n));
  first.child.kill('SIGKILL');
  expect((await first.ended).code).toBeNull();
  expect(existsSync(join(broken, 'out.csv'))).toBe(false);

  const again = await replayed(broken, `${TAPE} --forecasts out.csv`);
  expect(again['isResumed']).toBe(true);
  expect(Number(again['ticksFolded'])).toBeLessThan(16_000);
  expect(Number(again['ticksFolded'])).toBeGreaterThan(0);
  expect(again['digest']).toBe(truth['digest']);
  expect(await readFile(join(broken, 'out.csv'), 'utf8')).toBe(
    await readFile(join(whole, 'out.csv'), 'utf8'),
  );
});

test('an interrupted replay says so and goes on; --fresh starts over, to the same digest', async () => {
  const folder = await aFolder({ 'ticks.csv.gz': tickFile({ tradeCount: 3_000 }) });
  const first = startReplay(folder, TAPE);
  await folderWith(join(folder, 'replay'), first.child);
  first.child.kill('SIGINT');
  const { code, err } = await first.ended;
  expect(code).toBe(1);
  expect(err).toContain('COMMAND_INTERRUPTED');
  const going = await replayed(folder, `${TAPE} --keep`);
  expect(going['isResumed']).toBe(true);
  const fresh = await replayed(folder, `${TAPE} --fresh`);
  expect(fresh).toMatchObject({ isResumed: false, digest: going['digest'], ticksFolded: 6_000 });
});

test('the digest depends on the seed, and not on the number of partitions', async () => {
  const folder = await aFolder({ 'ticks.csv.gz': tickFile({ tradeCount: 800 }) });
  const one = await replayed(folder, TAPE);
  const seeded = await replayed(folder, `${TAPE} --seed 2`);
  expect(seeded['digest']).not.toBe(one['digest']);
  const single = await replayed(folder, TAPE, { FORETICK_PARTITIONS: '1' });
  for (const key of ['digest', 'stateDigest', 'modelShas']) expect(single[key]).toEqual(one[key]);
});

test('bad rows end a replay with file and line, or are counted and written down', async () => {
  const lines = tickFile({ tradeCount: 300 }).trimEnd().split('\n');
  lines.splice(100, 0, lines[100].replace(/,(\d+)\.\d,/, ',oops,'));
  const folder = await aFolder({ 'ticks.csv.gz': `${lines.join('\n')}\n` });
  const failed = await startReplay(folder, TAPE).ended;
  expect(failed.code).toBe(1);
  expect(failed.err).toMatch(/foretick: ROW_INVALID ticks\.csv\.gz:101: .*oops/);
  const summary = await replayed(folder, `${TAPE} --bad-rows reject --forecasts out.ndjson`);
  expect(Object.values(summary['rejects'] as object)).toEqual([1]);
  const rejects = await readFile(join(folder, 'out.ndjson.rejects.ndjson'), 'utf8');
  expect(JSON.parse(rejects)).toMatchObject({ where: 'ticks.csv.gz:101' });
});

test.skipIf(!existsSync('/dev/full')).each(['csv', 'csv.gz', 'parquet'])(
  'on a full disk a %s says so and leaves no half of it, and the same command goes on',
  async (ending) => {
    const folder = await aFolder({ 'ticks.csv.gz': tickFile({ tradeCount: 300 }) });
    const out = `out.${ending}`;
    await symlink('/dev/full', join(folder, `${out}.partial`));
    const failed = await startReplay(folder, `${TAPE} --forecasts ${out}`).ended;
    expect(failed.code).toBe(1);
    expect(failed.err).toMatch(/foretick: REPLAY_FAILED out.* must be written, .*ENOSPC/);
    expect(await readdir(folder)).not.toContain(`${out}.partial`);
    expect(await replayed(folder, `${TAPE} --forecasts ${out}`)).toMatchObject({
      isResumed: true,
      ticksFolded: 0,
    });
  },
);

/** Packs of forecasts, one per batch of ticks, that a replay in this folder has saved together with the state behind them. */
async function savedIn(folder: string): Promise<bigint> {
  const [work] = await readdir(join(folder, 'replay'));
  const recording = join(folder, 'replay', work, 'log');
  // lmdb remembers of a file that it was not there.
  if (!existsSync(join(recording, 'foretick.mdb'))) return 0n;
  const { log, close } = await openRecordedFolder(recording);
  try {
    const partitions = Array.from({ length: log.partitionCount }, (_, p) => p);
    const bounds = await Promise.all(partitions.map((p) => log.bounds('forecasts', p)));
    return bounds.reduce((sum, { end }) => sum + end, 0n);
  } finally {
    await close();
  }
}

/** The replay has made its folder: it has read its input and begins to fold. */
async function folderWith(path: string, child: ChildProcess): Promise<void> {
  const deadline = AbortSignal.timeout(REACH_MS);
  while (!existsSync(path)) {
    deadline.throwIfAborted();
    if (child.exitCode !== null) throw new Error(`the replay ended with ${child.exitCode}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}
