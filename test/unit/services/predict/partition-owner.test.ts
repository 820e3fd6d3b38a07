import fc from 'fast-check';
import { lastValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { savingEveryBatch } from '#services/predict/config.ts';
import { PartitionOwner } from '#services/predict/partition-owner.ts';
import { predictPipeline } from '#services/predict/pipeline.ts';
import type { LogRecord } from '#shared/log/event-log.ts';
import { LogGapError } from '#shared/log/log-errors.ts';
import { StateFencedError } from '#shared/state/state-errors.ts';
import { aFold } from '#test/builders/a-fold.ts';
import { aModel, someSettings } from '#test/builders/a-model.ts';
import { PredictRun } from '#test/builders/a-predict.ts';
import { aTape, recordsOf } from '#test/builders/a-tape.ts';

const EVERY_BATCH = savingEveryBatch({ sliceRecords: 64 });
const settings = someSettings();
const other = aModel(settings, { remade: (parameter, k) => parameter * (1 + (k % 3) / 10) });
const tape = aTape({ symbols: ['venue:a', 'venue:b'], tickCount: 150, quoteShare: 0.1 });
const records = recordsOf([
  { kind: 'begin', warmUpTicks: 20 },
  ...tape.slice(0, 80),
  { kind: 'switch', id: 1, sha: other.sha, how: 'refresh' },
  ...tape.slice(80),
]);
const expected = aFold({}, [other]).fold(records);

async function claimed(run: PredictRun, generation = 1): Promise<PartitionOwner> {
  await run.models.put(other.bytes);
  // What a state contains must stand in the log.
  const { end } = await run.log.bounds('ticks', 0);
  const values = records.map(({ value }) => value);
  if (end === 0n) await run.log.append('ticks', 0, values);
  const { signal } = new AbortController();
  return PartitionOwner.claim(run.ownerPorts(), EVERY_BATCH, {
    ...{ partition: 0, generation, settings, signal },
  });
}

function fed(
  owner: PartitionOwner,
  batch: readonly LogRecord[],
  sliceRecords = 64,
): Promise<bigint> {
  const { signal } = new AbortController();
  const options = { sliceRecords, savesNow: () => false, signal };
  return lastValueFrom(
    predictPipeline({ topic: 'ticks', partition: 0, records: batch }, owner, options),
  );
}

test('no forecast, score or state depends on where batches and slices begin or end', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 80 }), async (batchSizes, sliceRecords) => {
      const run = new PredictRun(1);
      const owner = await claimed(run);
      for (let at = 0, k = 0; at < records.length; k += 1) {
        const size = batchSizes[k % batchSizes.length];
        const batch = records.slice(at, at + size);
        at += batch.length;
        expect(await fed(owner, batch, sliceRecords)).toBe(BigInt(at));
        expect(owner.next).toBe(BigInt(at));
      }
      expect(expected.forecastBytes(await run.entries(0))).toEqual(expected.forecastBytes());
      const { header } = await run.commit.claim(0, 0);
      expect(header?.partitionState).toEqual(expected.state().partition);
      for await (const page of run.commit.load(0)) {
        for (const { symbol, bytes } of page) expect(bytes).toEqual(expected.stored.get(symbol));
      }
    }),
    { numRuns: 12 },
  );
});

test('an owner that takes over from the store goes on bit for bit', async () => {
  const run = new PredictRun(1);
  await fed(await claimed(run), records.slice(0, 60));
  const second = await claimed(run, 2);
  expect(second.next).toBe(60n);
  await fed(second, records.slice(60, 120));
  await fed(await claimed(run, 3), records.slice(120));
  expect(expected.forecastBytes(await run.entries(0))).toEqual(expected.forecastBytes());
});

describe('an owner that was fenced', () => {
  test('cannot commit, and its batch leaves log, state and position as they were', async () => {
    const run = new PredictRun(1);
    const old = await claimed(run);
    await fed(old, records.slice(0, 60));
    const current = await claimed(run, 2);
    const before = {
      bounds: await run.log.bounds('forecasts', 0),
      kept: structuredClone(run.kept),
    };
    await expect(fed(old, records.slice(60, 120))).rejects.toBeInstanceOf(StateFencedError);
    expect(await run.log.bounds('forecasts', 0)).toEqual(before.bounds);
    expect(run.kept).toEqual(before.kept);
    await fed(current, records.slice(60));
    expect(expected.forecastBytes(await run.entries(0))).toEqual(expected.forecastBytes());
  });

  test('by a generation that is older than the stored one cannot even claim', async () => {
    const run = new PredictRun(1);
    await claimed(run, 5);
    await expect(claimed(run, 4)).rejects.toBeInstanceOf(StateFencedError);
  });
});

test('what the state already contains is not folded again', async () => {
  const run = new PredictRun(1);
  const owner = await claimed(run);
  await fed(owner, records.slice(0, 60));
  await fed(owner, records.slice(20, 40));
  expect(owner.next).toBe(60n);
  await fed(owner, records.slice(40));
  expect(expected.forecastBytes(await run.entries(0))).toEqual(expected.forecastBytes());
});

test('a batch that leaves offsets out is refused', async () => {
  const owner = await claimed(new PredictRun(1));
  await fed(owner, records.slice(0, 60));
  await expect(fed(owner, records.slice(61, 80))).rejects.toBeInstanceOf(LogGapError);
});
