import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { readBoundaries } from '#services/train/boundary-log.ts';
import { type TrainConfig, trainSettings } from '#services/train/config.ts';
import { type RunningTrain, startTrain } from '#services/train/service.ts';
import { decodeModelEvent } from '#shared/forecast/model-event-record.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { partitionOf } from '#shared/log/partitioner.ts';
import type { Control } from '#shared/market/control.ts';
import type { Trade } from '#shared/market/tick.ts';
import {
  decodeTickRecord,
  encodeControl,
  encodeTick,
  isControlRecord,
} from '#shared/market/tick-record.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { openMemoryModelStore } from '#shared/state/embedded/memory-store.ts';
import type { ModelStore } from '#shared/state/model-store.ts';
import { someSettings } from '#test/builders/a-model.ts';
import { aWatchedLog } from '#test/builders/a-watched-log.ts';
import { momentumTape } from '#test/builders/momentum-tape.ts';

const settings = someSettings({
  horizons: [1, 5],
  levels: [0.1, 0.25, 0.5, 0.75, 0.9],
  hiddenSize: 4,
  headSize: 6,
  seed: 3,
});
const partitionCount = 3;
const tape = momentumTape({ symbols: ['A', 'B', 'C', 'D'], count: 1600 });

function configOf(pacing: 'wait' | 'background', updates = '3'): TrainConfig {
  return readSettings(trainSettings, {
    FORETICK_TRAIN_PACING: pacing,
    FORETICK_TRAIN_EVERY_TICKS: '400',
    FORETICK_TRAIN_UPDATES: updates,
    FORETICK_TRAIN_WARM_UP_UPDATES: updates,
    FORETICK_TRAIN_WINDOWS: '4',
  });
}

const running: RunningTrain[] = [];
afterEach(async () => {
  await Promise.allSettled(running.splice(0).map((train) => train.stop()));
});

async function start(log: EventLog, models: ModelStore, config: TrainConfig) {
  const logger = memoryLogger();
  const metrics = memoryMetrics();
  const clock = systemClock();
  const train = await startTrain({ log, models, clock, logger, metrics }, config, settings);
  train.done.catch(() => undefined);
  running.push(train);
  return { train, logger, metrics };
}

async function appendTrades(log: EventLog, trades: readonly Trade[]): Promise<void> {
  for (const trade of trades) {
    await log.append('ticks', partitionOf(trade.symbol, partitionCount), [encodeTick(trade)]);
  }
}

async function begin(log: EventLog): Promise<void> {
  const control = encodeControl({ kind: 'begin', warmUpTicks: 100, priceSteps: { A: 0.01 } });
  for (let p = 0; p < partitionCount; p++) await log.append('ticks', p, [control]);
}

async function values(log: EventLog, topic: 'ticks' | 'models', p: number): Promise<Uint8Array[]> {
  const { start: from, end } = await log.bounds(topic, p);
  const all: Uint8Array[] = [];
  for await (const records of log.read(topic, p, from, end)) {
    all.push(...records.map(({ value }) => value));
  }
  return all;
}

async function controls(log: EventLog): Promise<Control[][]> {
  return Promise.all(
    Array.from({ length: partitionCount }, async (_, p) =>
      (await values(log, 'ticks', p))
        .filter(isControlRecord)
        .map((value) => decodeTickRecord(value) as Control),
    ),
  );
}

async function digest(log: EventLog): Promise<string> {
  const hash = createHash('sha256');
  for (let p = 0; p < partitionCount; p++) {
    for (const value of await values(log, 'ticks', p)) hash.update(value);
  }
  for (const value of await values(log, 'models', 0)) hash.update(value);
  return hash.digest('hex');
}

/** The source of a replay: appends 400 trades, waits for the boundary, goes on. */
async function replayInto(
  log: EventLog,
  train: RunningTrain,
  { from = 0, to = 4 } = {},
): Promise<void> {
  for (let id = from + 1; id <= to; id++) {
    await appendTrades(log, tape.slice((id - 1) * 400, id * 400));
    await train.boundary(id);
  }
}

async function wholeReplay(to = 4) {
  const log = openMemoryLog({ partitionCount, run: 'r' });
  const models = openMemoryModelStore();
  await begin(log);
  const { train, metrics, logger } = await start(log, models, configOf('wait'));
  await replayInto(log, train, { to });
  await train.stop();
  await train.done;
  return { log, models, metrics, logger };
}

describe('a boundary', () => {
  test('trains, stores the model, and switches every partition once, behind its train control', async () => {
    const { log, models, metrics } = await wholeReplay();
    const boundaries = await readBoundaries(log);
    expect(boundaries.map(({ boundary }) => boundary.id)).toEqual([1, 2, 3, 4]);
    const outcomes = boundaries.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome?.event === 'switched').length).toBeGreaterThan(2);
    for (const partition of await controls(log)) {
      const told = partition.slice(1).map(({ kind, ...rest }) => ['id' in rest && rest.id, kind]);
      const expected = outcomes.flatMap((outcome) => [
        [outcome?.id, 'train'],
        [outcome?.id, outcome?.event === 'switched' ? 'switch' : 'refuse'],
      ]);
      expect(told).toEqual(expected);
    }
    for (const outcome of outcomes) {
      if (outcome?.event === 'switched') expect(await models.get(outcome.sha)).not.toBeNull();
    }
    expect(metrics.value('foretick_train_boundaries_total')).toBe(4);
    expect(metrics.value('foretick_train_gradient_norm')).toBeGreaterThan(0);
  });

  test('of the same ticks gives the same log and the same models, whatever the partitions do', async () => {
    const first = await wholeReplay();
    const second = await wholeReplay();
    expect(await digest(second.log)).toBe(await digest(first.log));
  });

  test('that is being opened when the trainer is stopped holds up nothing but the stop', async () => {
    const plain = openMemoryLog({ partitionCount });
    const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const log = aWatchedLog(plain, async (topic) => {
      if (topic !== 'models') return;
      asked.resolve();
      await answered.promise;
    });
    await begin(plain);
    const { train } = await start(log, openMemoryModelStore(), configOf('background'));
    await appendTrades(plain, tape.slice(0, 500));
    await asked.promise;
    // A batch of these waits for the opening.
    await appendTrades(plain, tape.slice(500, 700));
    const stopped = train.stop();
    // Whoever waited without a pause would never let this come.
    setTimeout(answered.resolve, 50);
    await stopped;
    await expect(train.done).resolves.toBeUndefined();
  });

  test('is refused where no symbol has enough events, and training goes on at the next', async () => {
    const log = openMemoryLog({ partitionCount });
    await begin(log);
    await appendTrades(log, tape.slice(0, 60));
    const { train } = await start(log, openMemoryModelStore(), configOf('wait'));
    await train.boundary(1);
    await appendTrades(log, tape.slice(60, 900));
    await train.boundary(2);
    const [first, second] = await readBoundaries(log);
    expect(first?.outcome).toMatchObject({ event: 'refused', reason: 'TOO_FEW_TICKS' });
    expect(second?.outcome?.event).toBe('switched');
  });

  test('comes by itself every so many ticks, over all that had arrived', async () => {
    const log = openMemoryLog({ partitionCount });
    await begin(log);
    await start(log, openMemoryModelStore(), configOf('background'));
    let outcome = Promise.withResolvers<number>();
    const reading = await log.follow({
      topic: 'models',
      startAt: () => 0n,
      onBatch: async ({ records }) => {
        const events = records.map(({ value }) => decodeModelEvent(value));
        for (const { event, id } of events) if (event !== 'boundary') outcome.resolve(id);
      },
    });
    const ids: number[] = [];
    for (const piece of [tape.slice(0, 450), tape.slice(450, 900), tape.slice(900)]) {
      await appendTrades(log, piece);
      ids.push(await outcome.promise);
      outcome = Promise.withResolvers<number>();
    }
    await reading.stop();
    expect(ids).toEqual([1, 2, 3]);
    const sizes = (await readBoundaries(log)).map(({ boundary }) =>
      boundary.ranges.reduce((sum, { to }) => sum + Number(to), 0),
    );
    for (const [k, size] of sizes.entries()) expect(size).toBeGreaterThanOrEqual(400 * (k + 1));
  });
});

describe('after a restart', () => {
  test('existing switches are folded and trained for no second time, and the next model is that of an unbroken run', async () => {
    const whole = await wholeReplay();
    const log = openMemoryLog({ partitionCount, run: 'r' });
    const models = openMemoryModelStore();
    await begin(log);
    const before = await start(log, models, configOf('wait'));
    await appendTrades(log, tape.slice(0, 400));
    await before.train.boundary(1);
    await appendTrades(log, tape.slice(400, 800));
    await before.train.boundary(2);
    await before.train.stop();
    const { train, metrics } = await start(log, models, configOf('wait'));
    await train.boundary(2);
    expect(metrics.value('foretick_train_boundaries_total')).toBe(0);
    await replayInto(log, train, { from: 2 });
    expect(metrics.value('foretick_train_boundaries_total')).toBe(2);
    expect(await digest(log)).toBe(await digest(whole.log));
  });

  test('a crash before any append or put converges to the log of an unbroken run', async () => {
    const whole = await digest((await wholeReplay(2)).log);
    // Writes of one life over two boundaries: 4 to models, 12 to ticks, 3 puts.
    let crashes = 0;
    for (let step = 0; ; step++) {
      const { log, models, hasCrashed } = await replayWithCrash(step);
      expect(await digest(log), `crash at write ${step}`).toBe(whole);
      expect(models).toBeDefined();
      if (!hasCrashed) break;
      crashes += 1;
    }
    expect(crashes).toBe(19);
  }, 600_000);

  test('a switch whose model the store has lost fails the service by name', async () => {
    const { log } = await wholeReplay();
    const { train } = await start(log, openMemoryModelStore(), configOf('wait'));
    await expect(train.done).rejects.toMatchObject({ code: 'TRAIN_MODEL_MISSING' });
    await expect(train.boundary(9)).rejects.toThrow();
    expect(train.isReady()).toBe(false);
  });
});

describe('a failure is never silent', () => {
  test('a switch that no boundary made ends the service', async () => {
    const log = openMemoryLog({ partitionCount });
    await begin(log);
    const sha = 'ab'.repeat(32);
    await log.append('ticks', 1, [encodeControl({ kind: 'switch', id: 1, sha, how: 'refresh' })]);
    const { train } = await start(log, openMemoryModelStore(), configOf('wait'));
    await expect(train.done).rejects.toMatchObject({
      code: 'TRAIN_WORKER_FAILED',
      details: { code: 'TRAIN_HISTORY_BROKEN' },
    });
  });

  test('a switch of another trainer that went on ends the service as overtaken', async () => {
    const log = openMemoryLog({ partitionCount });
    await begin(log);
    const [one, other] = [
      await start(log, openMemoryModelStore(), configOf('wait')),
      await start(log, openMemoryModelStore(), configOf('wait')),
    ];
    await replayInto(log, one.train, { to: 1 });
    await expect(other.train.done).rejects.toMatchObject({ code: 'TRAIN_OVERTAKEN' });
    await one.train.stop();
    await expect(one.train.done).resolves.toBeUndefined();
  });

  test('stop while a boundary is awaited rejects the wait and ends cleanly', async () => {
    const log = openMemoryLog({ partitionCount });
    await begin(log);
    await appendTrades(log, tape);
    const { train } = await start(log, openMemoryModelStore(), configOf('wait', '60'));
    const waiting = train.boundary(1).catch((error: unknown) => error);
    await train.stop();
    expect(await waiting).toMatchObject({ code: 'TRAIN_STOPPED' });
    await train.done;
  });
});

/** A whole replay in which the given write, counted over log and store, throws in place of writing; then a second life goes on. */
async function replayWithCrash(step: number) {
  const log = openMemoryLog({ partitionCount, run: 'r' });
  const models = openMemoryModelStore();
  await begin(log);
  let writes = 0;
  let hasCrashed = false;
  const crashAt = (): void => {
    if (hasCrashed) throw new Error('this life is over');
    if (writes === step) {
      hasCrashed = true;
      throw new Error(`planted crash at write ${step}`);
    }
    writes += 1;
  };
  // Only the trainer's own writes go through the wrapper.
  const dyingLog: EventLog = {
    run: log.run,
    partitionCount,
    append: async (...appending) => {
      crashAt();
      return log.append(...appending);
    },
    read: (...range) => log.read(...range),
    follow: (options) => log.follow(options),
    subscribe: (options) => log.subscribe(options),
    bounds: (...topic) => log.bounds(...topic),
    close: () => log.close(),
  };
  const dyingModels: ModelStore = {
    put: async (bytes) => {
      crashAt();
      return models.put(bytes);
    },
    get: (sha) => models.get(sha),
    remove: (sha) => models.remove(sha),
  };
  let made = 0;
  const firstLife = async (): Promise<void> => {
    const { train } = await start(dyingLog, dyingModels, configOf('wait'));
    for (let id = 1; id <= 2; id++) {
      await appendTrades(log, tape.slice((id - 1) * 400, id * 400));
      made = id;
      await train.boundary(id);
    }
  };
  await firstLife().catch(() => undefined);
  await Promise.allSettled(running.splice(0).map((train) => train.stop()));
  const { train } = await start(log, models, configOf('wait'));
  for (let id = 1; id <= 2; id++) {
    if (id > made) await appendTrades(log, tape.slice((id - 1) * 400, id * 400));
    await train.boundary(id);
  }
  await train.stop();
  return { log, models, hasCrashed };
}
