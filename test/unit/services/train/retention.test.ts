import { afterEach, expect, test } from 'vitest';
import { readBoundaries } from '#services/train/boundary-log.ts';
import { trainSettings } from '#services/train/config.ts';
import { type RunningTrain, startTrain } from '#services/train/service.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { encodeControl, encodeTick } from '#shared/market/tick-record.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { openMemoryModelStore } from '#shared/state/embedded/memory-store.ts';
import type { ModelStore } from '#shared/state/model-store.ts';
import { someSettings } from '#test/builders/a-model.ts';
import { momentumTape } from '#test/builders/momentum-tape.ts';

const EVERY = 300;
const BOUNDARIES = 6;
const tape = momentumTape({ symbols: ['A', 'B'], count: EVERY * (BOUNDARIES + 1) });
const config = readSettings(trainSettings, {
  FORETICK_TRAIN_PACING: 'wait',
  FORETICK_TRAIN_WARM_UP_UPDATES: '2',
  FORETICK_TRAIN_WINDOWS: '4',
  FORETICK_TRAIN_GATE_RATIO: '10',
});

const running: RunningTrain[] = [];
afterEach(async () => {
  await Promise.allSettled(running.splice(0).map((train) => train.stop()));
});

async function start(log: EventLog, models: ModelStore): Promise<RunningTrain> {
  const ports = { clock: systemClock(), logger: memoryLogger(), metrics: memoryMetrics() };
  const train = await startTrain({ log, models, ...ports }, config, someSettings());
  train.done.catch(() => undefined);
  running.push(train);
  return train;
}

async function feed(log: EventLog, train: RunningTrain, id: number): Promise<void> {
  const trades = tape.slice((id - 1) * EVERY, id * EVERY);
  await log.append('ticks', 0, trades.map(encodeTick));
  await train.boundary(id);
}

test('models whose switches retention has deleted are removed, and a restart goes on with the newest', async () => {
  const log = openMemoryLog({ partitionCount: 1, retainRecords: EVERY + 50 });
  const models = openMemoryModelStore();
  await log.append('ticks', 0, [encodeControl({ kind: 'begin', warmUpTicks: 10 })]);
  const train = await start(log, models);
  for (let id = 1; id <= BOUNDARIES; id += 1) await feed(log, train, id);
  await train.stop();

  const switched = (await readBoundaries(log)).flatMap(({ outcome }) =>
    outcome?.event === 'switched' ? [outcome.sha] : [],
  );
  expect(switched.length).toBeGreaterThan(4);
  const isKept = await Promise.all(switched.map(async (sha) => (await models.get(sha)) !== null));
  expect(isKept[0]).toBe(false);
  expect(isKept.at(-1)).toBe(true);
  expect(isKept.filter(Boolean).length).toBeLessThanOrEqual(4);

  const again = await start(log, models);
  // It has read what there was: the next append deletes some of it.
  await again.boundary(BOUNDARIES);
  await feed(log, again, BOUNDARIES + 1);
  expect((await readBoundaries(log)).at(-1)).toMatchObject({
    boundary: { id: BOUNDARIES + 1 },
    outcome: { event: 'switched', parentSha: switched.at(-1) },
  });
});
