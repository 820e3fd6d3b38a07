import { expect, test } from 'vitest';
import { foldRecording } from '#services/replay/fold-recording.ts';
import { entriesOf } from '#services/replay/merged-forecasts.ts';
import { type Recording, recordedEnds, recordedSettings } from '#services/replay/recording.ts';
import type { TapeStores } from '#services/replay/tape-stores.ts';
import { FOLD_VERSION } from '#shared/forecast/forecaster.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { aModel, someSettings } from '#test/builders/a-model.ts';
import { aTape, bytesOf } from '#test/builders/a-tape.ts';
import { memoryTape } from '#test/builders/memory-tape.ts';

const SETTINGS = someSettings();
const TRAINED = aModel(SETTINGS, { remade: (parameter) => parameter * 1.01 });

/** Partition 0: a hundred trades, a switch, a hundred more. Partition 1 is empty. */
async function aRecording(stores: TapeStores = memoryTape()): Promise<Recording> {
  const [before, after] = [0, 100].map((from) =>
    aTape({ tickCount: 200 })
      .slice(from, from + 100)
      .map(bytesOf),
  );
  await stores.log.append('ticks', 0, [bytesOf({ kind: 'begin', warmUpTicks: 10 }), ...before]);
  const control = { kind: 'switch', id: 1, sha: TRAINED.sha, how: 'refresh' } as const;
  await stores.log.append('ticks', 0, [bytesOf(control), ...after]);
  await stores.models.put(TRAINED.bytes);
  return { name: 'log:tape', ...stores, settings: SETTINGS, close: stores.close };
}

async function folded(
  recording: Recording,
  stores: TapeStores,
  ends?: readonly bigint[],
): Promise<void> {
  const ports = { clock: systemClock(), logger: memoryLogger(), metrics: memoryMetrics() };
  await foldRecording({
    recording,
    ends: ends ?? (await recordedEnds(recording)),
    stores,
    ports,
    predict: { sliceRecords: 64 },
  });
}

async function modelsOf(stores: TapeStores): Promise<string[]> {
  const shas: string[] = [];
  for await (const { forecasts } of entriesOf(stores.log, 0)) {
    shas.push(...forecasts.map(({ modelSha }) => modelSha));
  }
  return shas;
}

test('a recording is folded with its switch in its place', async () => {
  const stores = memoryTape();
  await folded(await aRecording(), stores);
  const shas = await modelsOf(stores);
  expect(shas).toHaveLength(200);
  expect(shas.indexOf(TRAINED.sha)).toBe(100);
});

test('a fold that was cut off goes on where it was', async () => {
  const [recording, stores] = [await aRecording(), memoryTape()];
  await folded(recording, stores, [40n, 0n]);
  expect(await modelsOf(stores)).toHaveLength(39);
  await folded(recording, stores);
  const whole = memoryTape();
  await folded(recording, whole);
  expect(await modelsOf(stores)).toEqual(await modelsOf(whole));
  expect((await stores.log.bounds('ticks', 0)).end).toBe(202n);
});

test('a recording without the model of a switch is refused, with the switch and its place', async () => {
  const recording = await aRecording();
  await recording.models.remove(TRAINED.sha);
  const refused = folded(recording, memoryTape());
  await expect(refused).rejects.toMatchObject({ code: 'REPLAY_RECORDING' });
  await expect(refused).rejects.toThrow(
    `model of switch 1 at ticks/0/101, did not: ${TRAINED.sha}`,
  );
});

test('a recording whose first records are gone, or that has none, is refused', async () => {
  const log = openMemoryLog({ partitionCount: 2, retainRecords: 150 });
  const cut = await aRecording({ ...memoryTape(), log });
  await expect(recordedEnds(cut)).rejects.toThrow('from its first record, began at 52');
  const empty = { ...cut, log: openMemoryLog({ partitionCount: 2 }) };
  await expect(recordedEnds(empty)).rejects.toThrow('must hold ticks, was empty');
});

test('what another build folded is refused, as this one would forecast otherwise', () => {
  const manifest = { ...SETTINGS, foldVersion: FOLD_VERSION, replay: 'id' };
  expect(recordedSettings(manifest, 'log:tape')).toEqual(SETTINGS);
  for (const foldVersion of [FOLD_VERSION - 1, undefined]) {
    expect(() => recordedSettings({ ...manifest, foldVersion }, 'log:tape')).toThrow(
      `must be of fold version ${FOLD_VERSION}, was of ${foldVersion ?? 'none'}`,
    );
  }
});
