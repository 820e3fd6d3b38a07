import { describe, expect, test } from 'vitest';
import { aFold } from '#test/builders/a-fold.ts';
import { PredictRun } from '#test/builders/a-predict.ts';
import { aTape } from '#test/builders/a-tape.ts';
import { aTrade, MIDNIGHT_NS } from '#test/builders/a-tick.ts';

const tape = aTape({ symbols: ['venue:a', 'venue:b', 'venue:c', 'venue:d'], tickCount: 240 });

/** The forecasts are those that the fold alone makes of the log. */
async function expectWhole(run: PredictRun): Promise<void> {
  const fold = aFold().fold(await run.records('ticks'));
  expect(fold.forecastBytes(await run.entries(0))).toEqual(fold.forecastBytes());
}

/** Lets time pass until this has happened: who was thrown out waits before it comes back. */
async function inTime<T>(run: PredictRun, happening: Promise<T>): Promise<T> {
  const happened = happening.then(() => true);
  const passed = () => run.clock.advance(1000).then(() => false);
  while (!(await Promise.race([happened, passed()])));
  return happening;
}

describe('a service whose partition was claimed by another', () => {
  async function fenced(generation: number) {
    const run = new PredictRun(1);
    await run.append(tape.slice(0, 50));
    const predict = await run.start({ random: () => 0.5 });
    await predict.waitFor(await run.ends());
    await run.commit.claim(0, generation);
    await run.append(tape.slice(50));
    return { run, predict };
  }

  test('claims it again in place and leaves nothing out', async () => {
    const { run, predict } = await fenced(0);
    await predict.waitFor(await run.ends());
    await expectWhole(run);
    expect(run.metrics.value('foretick_predict_reclaims_total')).toBe(1);
    expect(run.metrics.value('foretick_predict_rejoins_total')).toBe(0);
  });

  test('does so once, then leaves the group and joins it again', async () => {
    const { run, predict } = await fenced(0);
    await predict.waitFor(await run.ends());
    await run.commit.claim(0, 0);
    await run.append([aTrade({ seq: 9000n, eventTimeNs: MIDNIGHT_NS * 2n })]);
    await inTime(run, predict.waitFor(await run.ends()));
    await expectWhole(run);
    expect(run.metrics.value('foretick_predict_reclaims_total')).toBe(1);
    expect(run.metrics.value('foretick_predict_rejoins_total')).toBe(1);
  });

  test('by a group that counted further comes back though its own group counts anew', async () => {
    const { run, predict } = await fenced(99);
    await inTime(run, predict.waitFor(await run.ends()));
    await expectWhole(run);
    expect(run.metrics.value('foretick_predict_rejoins_total')).toBeGreaterThan(1);
  });

  test('stops without a failure though its last state is refused', async () => {
    const run = new PredictRun(1);
    await run.append(tape.slice(0, 50));
    const predict = await run.start({}, { checkpointRecords: 1000, checkpointMs: 1e6 });
    await predict.waitFor(await run.ends());
    await run.commit.claim(0, 0);
    await predict.stop();
    await expect(predict.done).resolves.toBeUndefined();
    expect(run.logger.events.map(({ text }) => text)).toContain('partition was given up unsaved');
  });
});
