import { afterEach, expect, test } from 'vitest';
import type { RunningPredict } from '#services/predict/service.ts';
import { forecastDigest } from '#services/replay/forecast-digest.ts';
import { PredictRun } from '#test/builders/a-predict.ts';
import { inBatches, ingested, REJECTING, rowsFrom } from '#test/builders/an-ingest.ts';

const ROWS = 2_000;
const options = { ...REJECTING, begin: { warmUpTicks: 10 } };
const rows = rowsFrom(ROWS).map((row, k) => ({
  ...row,
  raw: { ...row.raw, price: 100 + Math.sin(k / 9) },
}));

let predict: RunningPredict | undefined;
afterEach(() => predict?.stop());

/** The digest of all forecasts of a log that ingests of the same rows filled, each with batches of its size, all at once. */
async function forecastsOf(...batchSizes: readonly number[]): Promise<string> {
  const run = new PredictRun(3);
  await Promise.all(batchSizes.map((size) => ingested(run.log, inBatches(rows, size), options)));
  const ends = await run.ends();
  const tickCount = ends.reduce((sum, end) => sum + Number(end), 0);
  expect(tickCount).toBeGreaterThan(0.9 * batchSizes.length * ROWS);
  predict = await run.start();
  await predict.waitFor(ends);
  await predict.stop();
  const digest = forecastDigest();
  let count = 0;
  for (let p = 0; p < 3; p++) {
    for (const { forecasts } of await run.entries(p)) {
      for (const forecast of forecasts) digest.add(forecast);
      count += forecasts.length;
    }
  }
  expect(count).toBe(ROWS);
  return digest.finish();
}

test('two ingests of the same rows at once fill the log twice and change no forecast', async () => {
  const alone = await forecastsOf(100);
  expect(await forecastsOf(100, 100)).toBe(alone);
  expect(await forecastsOf(64, 250)).toBe(alone);
  expect(await forecastsOf(7, 1000, 31)).toBe(alone);
});
