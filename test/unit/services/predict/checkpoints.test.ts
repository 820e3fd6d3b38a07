import { describe, expect, test } from 'vitest';
import type { PredictConfig } from '#services/predict/config.ts';
import { LogUnavailableError } from '#shared/log/log-errors.ts';
import { StateUnavailableError } from '#shared/state/state-errors.ts';
import { PredictRun } from '#test/builders/a-predict.ts';
import {
  expectUndisturbed,
  SELDOM,
  savedNext,
  started,
  ticksOf,
} from '#test/builders/a-seldom-saved-run.ts';
import { aWatchedLog } from '#test/builders/a-watched-log.ts';

const NEVER = { checkpointRecords: 1e9, checkpointMs: 1e9 };

describe('a forecast is published at once, its state saved later', () => {
  test('after so many records', async () => {
    const run = new PredictRun(1);
    await started(run, { ...NEVER, checkpointRecords: 100 });
    await run.fold(ticksOf(0, 90));
    expect(savedNext(run)).toBeNull();
    expect(await run.entries(0)).toHaveLength(90);
    await run.fold(ticksOf(90, 150));
    expect(savedNext(run)).toBe(150n);
    await run.fold(ticksOf(150, 200));
    expect(savedNext(run)).toBe(150n);
  });

  test('after so long a time, though no more ticks come', async () => {
    const run = new PredictRun(1);
    await started(run);
    await run.fold(ticksOf(0, 90));
    await run.clock.advance(900);
    expect(savedNext(run)).toBeNull();
    await run.clock.advance(101);
    expect(savedNext(run)).toBe(90n);
    expect(run.clock.sleeperCount()).toBe(0);
  });

  test('when the service stops', async () => {
    const run = new PredictRun(1);
    const predict = await started(run, NEVER);
    await run.fold(ticksOf(0, 90));
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
    await run.append(ticksOf(0, 90));
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
    await run.fold(ticksOf(0, 90));
    const second = await started(run, NEVER);
    await first.done;
    const standing = (await run.entries(0)).length;
    await run.fold(ticksOf(90, 300));
    await second.stop();
    expect((await run.entries(0)).length - standing).toBeLessThanOrEqual(300);
    await expectUndisturbed(run);
  });
});

describe('a crash between forecasts and state', () => {
  test('publishes again what a reader drops, and ends in the same state', async () => {
    const run = new PredictRun(1);
    await started(run, { ...NEVER, checkpointRecords: 60 });
    await run.fold(ticksOf(0, 100));
    await run.fold(ticksOf(100, 130));
    const crashed = new Map(structuredClone(run.kept));
    await run.stop();
    run.kept.clear();
    for (const [partition, kept] of crashed) run.kept.set(partition, kept);
    await started(run, NEVER);
    await run.fold(ticksOf(130, 300));
    await run.stop();
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
      await run.append(ticksOf(0, 50));
      if (how === 'save') await run.fold(ticksOf(50, 60));
      else await failed;
      await run.fold(ticksOf(60, 300));
      await run.stop();
      expect(run.metrics.value('foretick_predict_reclaims_total')).toBe(1);
      await expectUndisturbed(run);
    },
  );

  test('where no more ticks come, the next checkpoint finds it', async () => {
    const { run, failed } = await failingOnce('publish', SELDOM);
    await run.append(ticksOf(0, 50));
    await failed;
    while (run.metrics.value('foretick_predict_checkpoints_total') < 1) {
      await run.clock.advance(1000);
    }
    expect(run.metrics.value('foretick_predict_reclaims_total')).toBe(1);
    expect(savedNext(run)).toBe(50n);
    await expectUndisturbed(run);
  });
});
