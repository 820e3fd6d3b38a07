import { afterEach, describe, expect, test } from 'vitest';
import type { PredictConfig } from '#services/predict/config.ts';
import type { PredictPorts, RunningPredict } from '#services/predict/service.ts';
import { CorruptBytesError } from '#shared/errors.ts';
import { LogUnavailableError } from '#shared/log/log-errors.ts';
import {
  type MemorySnapshots,
  openMemorySnapshotStore,
} from '#shared/state/embedded/memory-snapshot-store.ts';
import type { PartitionCommit } from '#shared/state/partition-commit.ts';
import { StateUnavailableError } from '#shared/state/state-errors.ts';
import { aFold } from '#test/builders/a-fold.ts';
import { PredictRun } from '#test/builders/a-predict.ts';
import { aTape } from '#test/builders/a-tape.ts';
import { aWatchedLog } from '#test/builders/a-watched-log.ts';
import { deduplicated } from '#test/builders/deduplicated.ts';

/** One symbol is silent after the first 20 ticks: its state changes no more, and must not be forgotten. */
const tape = [
  ...aTape({ symbols: ['venue:silent'], tickCount: 20 }),
  ...aTape({ symbols: ['venue:a', 'venue:b'], tickCount: 280 }),
];
const SELDOM = { checkpointRecords: 1000, checkpointMs: 1000, snapshotMinutes: 10 };
const NEVER = { checkpointRecords: 1e9, checkpointMs: 1e9 };
const PERIOD_MS = 600_000;

let running: RunningPredict | null = null;

async function started(
  run: PredictRun,
  config: Partial<PredictConfig> = SELDOM,
  over: Partial<PredictPorts> = {},
): Promise<RunningPredict> {
  running = await run.start({ random: () => 0.5, ...over }, config);
  return running;
}

afterEach(async () => {
  await running?.stop();
  running = null;
});

const savedNext = (run: PredictRun): bigint | null => run.kept.get(0)?.claim.next ?? null;

async function folded(run: PredictRun, from: number, to: number): Promise<void> {
  await run.append(tape.slice(from, to));
  await running?.waitFor(await run.ends());
}

/** Forecasts as a reader sees them, and state, are those of a fold that nothing disturbed. */
async function expectUndisturbed(run: PredictRun): Promise<void> {
  const fold = aFold().fold(await run.records('ticks'));
  const entries = deduplicated(await run.entries(0));
  expect(fold.forecastBytes(entries)).toEqual(fold.forecastBytes());
  const stored = new Map<string, Uint8Array>();
  for await (const page of run.commit.load(0)) {
    for (const { symbol, bytes } of page) stored.set(symbol, bytes);
  }
  expect(stored).toEqual(fold.stored);
}

describe('a forecast is published at once, its state saved later', () => {
  test('after so many records', async () => {
    const run = new PredictRun(1);
    await started(run, { ...NEVER, checkpointRecords: 100 });
    await folded(run, 0, 90);
    expect(savedNext(run)).toBeNull();
    expect(await run.entries(0)).toHaveLength(90);
    await folded(run, 90, 150);
    expect(savedNext(run)).toBe(150n);
    await folded(run, 150, 200);
    expect(savedNext(run)).toBe(150n);
  });

  test('after so long a time, though no more ticks come', async () => {
    const run = new PredictRun(1);
    await started(run);
    await folded(run, 0, 90);
    await run.clock.advance(900);
    expect(savedNext(run)).toBeNull();
    await run.clock.advance(101);
    expect(savedNext(run)).toBe(90n);
    expect(run.clock.sleeperCount()).toBe(0);
  });

  test('when the service stops', async () => {
    const run = new PredictRun(1);
    const predict = await started(run, NEVER);
    await folded(run, 0, 90);
    await predict.stop();
    expect(savedNext(run)).toBe(90n);
    await expectUndisturbed(run);
  });

  test('never before the log has acknowledged what it contains', async () => {
    const run = new PredictRun(1);
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const log = aWatchedLog(run.log, async () => {
      asked.resolve();
      await gate.promise;
    });
    const predict = await started(run, SELDOM, { log });
    await run.append(tape.slice(0, 90));
    await asked.promise;
    await run.clock.advance(5000);
    expect(savedNext(run)).toBeNull();
    gate.resolve();
    await predict.waitFor([90n]);
    await predict.stop();
    expect(savedNext(run)).toBe(90n);
  });

  test('when another takes the partition over, and the first sends nothing after that', async () => {
    const run = new PredictRun(1);
    const first = await started(run, NEVER);
    await folded(run, 0, 90);
    const second = await started(run, NEVER);
    await first.done;
    const standing = (await run.entries(0)).length;
    await folded(run, 90, 300);
    await second.stop();
    expect((await run.entries(0)).length - standing).toBeLessThanOrEqual(300);
    await expectUndisturbed(run);
  });
});

describe('a crash between forecasts and state', () => {
  test('publishes again what a reader drops, and ends in the same state', async () => {
    const run = new PredictRun(1);
    await started(run, { ...NEVER, checkpointRecords: 60 });
    await folded(run, 0, 100);
    await folded(run, 100, 130);
    const crashed = new Map(structuredClone(run.kept));
    await running?.stop();
    run.kept.clear();
    for (const [partition, kept] of crashed) run.kept.set(partition, kept);
    await started(run, NEVER);
    await folded(run, 130, 300);
    await running?.stop();
    expect((await run.entries(0)).length).toBe(330);
    await expectUndisturbed(run);
  });
});

describe('an error in passing ends the claim, not the service', () => {
  async function failingOnce(how: 'publish' | 'save', config: Partial<PredictConfig>) {
    const run = new PredictRun(1);
    const failed = Promise.withResolvers<void>();
    let left = 1;
    const fail = (error: Error): void => {
      if (left-- < 1) return;
      failed.resolve();
      throw error;
    };
    const log = aWatchedLog(run.log, async (topic) => {
      if (how === 'publish' && topic === 'forecasts') fail(new LogUnavailableError('no broker'));
    });
    const { commit } = run;
    const save = commit.commit.bind(commit);
    commit.commit = async (some) => {
      if (how === 'save') fail(new StateUnavailableError('no server'));
      await save(some);
    };
    await started(run, config, { log, commit });
    return { run, failed: failed.promise };
  }

  test.each(['publish', 'save'] as const)(
    'the partition is claimed and folded again where it could not %s',
    async (how) => {
      const { run, failed } = await failingOnce(how, { ...NEVER, checkpointRecords: 100 });
      await run.append(tape.slice(0, 50));
      if (how === 'save') await folded(run, 50, 60);
      else await failed;
      await folded(run, 60, 300);
      await running?.stop();
      expect(run.metrics.value('foretick_predict_reclaims_total')).toBe(1);
      await expectUndisturbed(run);
    },
  );

  test('where no more ticks come, the next checkpoint finds it', async () => {
    const { run, failed } = await failingOnce('publish', SELDOM);
    await run.append(tape.slice(0, 50));
    await failed;
    while (run.metrics.value('foretick_predict_checkpoints_total') < 1) {
      await run.clock.advance(1000);
    }
    expect(run.metrics.value('foretick_predict_reclaims_total')).toBe(1);
    expect(savedNext(run)).toBe(50n);
    await expectUndisturbed(run);
  });
});

describe('snapshots', () => {
  /** A run of 200 ticks whose snapshot stands at 100, its service stopped. */
  async function withSnapshot() {
    const run = new PredictRun(1);
    const kept: MemorySnapshots = [];
    const snapshots = openMemorySnapshotStore(kept);
    await started(run, SELDOM, { snapshots });
    await folded(run, 0, 100);
    await run.clock.advance(1000);
    await folded(run, 100, 200);
    await running?.stop();
    return { run, kept, snapshots };
  }

  async function goesOn(run: PredictRun, over: Partial<PredictPorts>): Promise<void> {
    await started(run, SELDOM, over);
    await folded(run, 200, 300);
    await running?.stop();
    await expectUndisturbed(run);
  }

  const restoredFrom = (run: PredictRun): unknown[] =>
    run.logger.events
      .filter(({ text }) => text === 'state restored from a snapshot')
      .map(({ fields }) => fields['next']);

  test('are taken once in a period, of a checkpoint, whole', async () => {
    const { run, kept, snapshots } = await withSnapshot();
    expect(kept.map(({ name }) => name.next)).toEqual([100n]);
    await started(run, SELDOM, { snapshots });
    await run.clock.advance(PERIOD_MS);
    await folded(run, 200, 210);
    await run.clock.advance(1000);
    expect(kept.map(({ name }) => name.next)).toEqual([210n, 100n]);
    const { symbols } = await snapshots.read(kept[0].name);
    const names = symbols.map(({ symbol }) => symbol).sort();
    expect(names).toEqual(['venue:a', 'venue:b', 'venue:silent']);
  });

  test('are what a wiped store goes on from', async () => {
    const { run, snapshots } = await withSnapshot();
    run.kept.clear();
    await goesOn(run, { snapshots });
    expect(restoredFrom(run)).toEqual(['100']);
  });

  test('fill a wiped store by the clock, though no tick follows', async () => {
    const run = new PredictRun(1);
    const snapshots = openMemorySnapshotStore();
    await started(run, SELDOM, { snapshots });
    await folded(run, 0, 100);
    await run.clock.advance(1000);
    await running?.stop();
    run.kept.clear();
    const predict = await started(run, SELDOM, { snapshots });
    await predict.waitFor(await run.ends());
    await run.clock.advance(1000);
    expect(savedNext(run)).toBe(100n);
    await expectUndisturbed(run);
  });

  test('are what a damaged store goes on from, with an alarm', async () => {
    const { run, snapshots } = await withSnapshot();
    const { commit } = run;
    const damaged: PartitionCommit = {
      claim: (partition, generation) => commit.claim(partition, generation),
      claimEmpty: (partition, generation) => commit.claimEmpty(partition, generation),
      // biome-ignore lint/correctness/useYield: it fails before its first page.
      async *load() {
        throw new CorruptBytesError('fields are not of one commit');
      },
      commit: (some) => commit.commit(some),
    };
    await goesOn(run, { snapshots, commit: damaged });
    expect(restoredFrom(run)).toEqual(['100']);
    expect(run.logger.events.map(({ text }) => text)).toContain('checkpoint was not usable');
  });

  test('that are damaged are passed over, down to the first record', async () => {
    const { run, kept, snapshots } = await withSnapshot();
    run.kept.clear();
    kept[0].bytes[50] ^= 1;
    await goesOn(run, { snapshots });
    expect(restoredFrom(run)).toEqual([]);
    expect(run.logger.events.map(({ text }) => text)).toContain('snapshot was not usable');
  });

  test('that cannot be written are told of and end no claim', async () => {
    const run = new PredictRun(1);
    const snapshots = openMemorySnapshotStore();
    snapshots.write = () => Promise.reject(new Error('disk full'));
    await started(run, SELDOM, { snapshots });
    await folded(run, 0, 100);
    await run.clock.advance(1000);
    await folded(run, 100, 300);
    await running?.stop();
    expect(run.logger.events.map(({ text }) => text)).toContain('snapshot was not written');
    await expectUndisturbed(run);
  });

  const bounded = (run: PredictRun, over: { start?: bigint; end?: bigint }) => ({
    ...aWatchedLog(run.log, async () => undefined),
    bounds: async () => ({ ...(await run.log.bounds('ticks', 0)), ...over }),
  });

  test('that the log begins behind do not help: the service ends', async () => {
    const { run, snapshots } = await withSnapshot();
    run.kept.clear();
    const predict = await started(run, SELDOM, { snapshots, log: bounded(run, { start: 101n }) });
    await expect(predict.done).rejects.toMatchObject({ code: 'LOG_TRUNCATED' });
    expect(savedNext(run)).toBeNull();
  });

  test('help where the store was rolled back below the start of the log', async () => {
    const { run, snapshots } = await withSnapshot();
    const kept = run.kept.get(0);
    if (kept === undefined) throw new Error('the state must be there');
    run.kept.set(0, { ...kept, claim: { ...kept.claim, next: 40n } });
    await goesOn(run, { snapshots, log: bounded(run, { start: 90n }) });
    expect(restoredFrom(run)).toEqual(['100']);
  });

  test('do not hide that the log has lost its end', async () => {
    const { run, snapshots } = await withSnapshot();
    const lost = bounded(run, { end: 150n });
    const predict = await started(run, SELDOM, { snapshots, log: lost });
    await expect(predict.done).rejects.toMatchObject({ code: 'LOG_TAIL_LOST' });
    expect(savedNext(run)).toBe(200n);
  });
});
