import { expect, onTestFinished, test } from 'vitest';
import { readBoundaries } from '#services/train/boundary-log.ts';
import { trainSettings } from '#services/train/config.ts';
import { type RunningTrain, startTrain } from '#services/train/service.ts';
import { encodeModelEvent } from '#shared/forecast/model-event-record.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { decodeTickRecord, encodeControl, isControlRecord } from '#shared/market/tick-record.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { openMemoryModelStore } from '#shared/state/embedded/memory-store.ts';
import { someSettings } from '#test/builders/a-model.ts';

const config = readSettings(trainSettings, { FORETICK_TRAIN_PACING: 'wait' });
const seed = 1;
const ranges = [{ partition: 0, from: '0', to: '1' }];

/** A log of one partition that begins, and trainers on it; with so few ticks every boundary is refused, which is an outcome too. */
class Trainers {
  readonly log: EventLog = openMemoryLog({ partitionCount: 1 });
  readonly models = openMemoryModelStore();

  static async begin(): Promise<Trainers> {
    const trainers = new Trainers();
    const begin = encodeControl({ kind: 'begin', warmUpTicks: 0 });
    await trainers.log.append('ticks', 0, [begin]);
    return trainers;
  }

  async start(): Promise<RunningTrain> {
    const ports = { clock: systemClock(), logger: memoryLogger(), metrics: memoryMetrics() };
    const { log, models } = this;
    const train = await startTrain({ ...ports, log, models }, config, someSettings());
    train.done.catch(() => undefined);
    onTestFinished(() => train.stop());
    return train;
  }

  async controls(): Promise<unknown[]> {
    const told: unknown[] = [];
    const { end } = await this.log.bounds('ticks', 0);
    for await (const records of this.log.read('ticks', 0, 0n, end)) {
      for (const { value } of records.filter((record) => isControlRecord(record.value))) {
        const control = decodeTickRecord(value);
        told.push('id' in control ? `${control.kind} ${control.id}` : control.kind);
      }
    }
    return told;
  }
}

test('of two trainers that open a boundary at once one goes on, the other ends by name before any partition hears of it', async () => {
  const run = await Trainers.begin();
  const both = [await run.start(), await run.start()];
  const outcomes = await Promise.allSettled(both.map((train) => train.boundary(1)));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const loser = both[outcomes.findIndex(({ status }) => status === 'rejected')];
  await expect(loser.done).rejects.toMatchObject({ code: 'TRAIN_OVERTAKEN' });
  expect(await run.controls()).toEqual(['begin', 'train 1', 'refuse 1']);
});

test('what the loser wrote counts for nothing: the next life goes on behind the winner', async () => {
  const run = await Trainers.begin();
  const both = [await run.start(), await run.start()];
  await Promise.allSettled(both.map((train) => train.boundary(1)));
  await Promise.all(both.map((train) => train.stop()));
  const next = await run.start();
  await next.boundary(2);
  expect(await run.controls()).toEqual(['begin', 'train 1', 'refuse 1', 'train 2', 'refuse 2']);
  const boundaries = await readBoundaries(run.log);
  expect(boundaries.map(({ boundary, outcome }) => [boundary.id, outcome?.event])).toEqual([
    [1, 'refused'],
    [2, 'refused'],
  ]);
});

test('a trainer that stood still while another went on is overtaken by a boundary it does not know', async () => {
  const run = await Trainers.begin();
  const slow = await run.start();
  const quick = await run.start();
  await quick.boundary(1);
  await expect(slow.boundary(7)).rejects.toMatchObject({ code: 'TRAIN_OVERTAKEN' });
});

test('a boundary opened while another is open has no ranges that anybody was told', async () => {
  const { log } = await Trainers.begin();
  const boundary = (id: number) => encodeModelEvent({ event: 'boundary', id, ranges, seed });
  await log.append('models', 0, [boundary(3), boundary(3), boundary(4)]);
  expect(await readBoundaries(log)).toMatchObject([{ boundary: { id: 3 }, outcome: null }]);
});
