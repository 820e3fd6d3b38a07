import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder } from '#test/builders/a-folder.ts';
import { replayed, SMALL_TRAINING, startReplay } from '#test/builders/a-replay.ts';
import { equalForecasts } from '#test/builders/equal-recordings.ts';
import { RunningSolo } from '#test/builders/running-solo.ts';
import { tickFile } from '#test/builders/tick-file.ts';

const TAPE = '--input ticks.csv.gz --horizons 1,10 --warm-up 25%';

test('what a replay recorded is folded to the same forecasts, with its switches and without training', async () => {
  const folder = await aFolder({ 'ticks.csv.gz': tickFile({ tradeCount: 3_000 }) });
  const first = await replayed(folder, `${TAPE} --forecasts first.csv --keep`);
  const recording = join(`${first['workFolder']}`, 'log');
  expect(first['switchCount']).toBeGreaterThan(5);
  const again = await replayed(folder, `--input log:${recording} --forecasts again.csv`);
  for (const key of [
    'digest',
    'stateDigest',
    'tickCount',
    'switchCount',
    'modelShas',
    'scores',
  ] as const) {
    expect(again[key]).toEqual(first[key]);
  }
  // A recording of a recording is one, too.
  const kept = await replayed(folder, `--input log:${recording} --keep`);
  await rm(`${first['workFolder']}`, { recursive: true });
  const third = await replayed(folder, `--input log:${join(`${kept['workFolder']}`, 'log')}`);
  expect(third['digest']).toBe(first['digest']);
});

test('the folder of a running `npm start` is folded to the forecasts that it makes, while it goes on', async () => {
  const dataDir = await aFolder({});
  const environment = { ...SMALL_TRAINING, FORETICK_SIM_HISTORY_TICKS: '4000' };
  const solo = await RunningSolo.start({ dataDir, port: 0, environment });
  try {
    await untilReady(solo.url);
    const folder = await aFolder({});
    const summary = await replayed(folder, `--input log:${dataDir} --keep`);
    expect(summary['switchCount']).toBeGreaterThan(0);
    const compared = await equalForecasts(dataDir, join(`${summary['workFolder']}`, 'log'));
    expect(compared).toBeGreaterThan(1_000);
    expect(await solo.stop()).toBe(0);
  } finally {
    await solo.kill();
  }
});

test('a folder that is no recording, and settings beside one, are refused', async () => {
  const folder = await aFolder({ 'ticks.csv.gz': tickFile({ tradeCount: 300 }) });
  const nothing = await startReplay(folder, '--input log:nothing').ended;
  expect(nothing).toMatchObject({ code: 1, err: expect.stringContaining('LOG_MISMATCH') });
  const both = await startReplay(folder, '--input log:nothing --horizons 1 --no-train').ended;
  expect(both.code).toBe(2);
  expect(both.err).toMatch(/REPLAY_ARGUMENT .*--horizons and --no-train must be left out/);
});

async function untilReady(url: string): Promise<void> {
  const deadline = AbortSignal.timeout(30_000);
  while ((await fetch(`${url}/readyz`, { signal: deadline })).status !== 200) {
    await new Promise((done) => setTimeout(done, 50));
  }
}
