import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder } from '#test/builders/a-folder.ts';
import { replayed, SMALL_TRAINING, startReplay } from '#test/builders/a-replay.ts';
import { equalForecasts } from '#test/builders/equal-recordings.ts';
import { eventually } from '#test/builders/eventually.ts';
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
    await untilSwitched(solo.url);
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

/** Its history is folded, and a model of its own training is in use. */
function untilSwitched(url: string): Promise<void> {
  return eventually(async () => {
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/foretick_predict_forecasts_total [1-9]\d{3}/);
    expect(metrics).toMatch(/foretick_train_boundaries_total\{outcome="switched"\} [1-9]/);
  });
}
