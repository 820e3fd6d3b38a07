import { lastValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { Assignment } from '#services/predict/assignment.ts';
import { predictPipeline } from '#services/predict/pipeline.ts';
import { aModel, someSettings } from '#test/builders/a-model.ts';
import { PredictRun } from '#test/builders/a-predict.ts';
import { aTape, recordsOf } from '#test/builders/a-tape.ts';

const settings = someSettings();
const other = aModel(settings, { lineage: 'other' });
const records = recordsOf([
  { kind: 'begin', warmUpTicks: 5 },
  { kind: 'switch', id: 1, sha: other.sha, how: 'refresh' },
  ...aTape({ tickCount: 40 }),
]);

function assigned(run: PredictRun, failures: unknown[]): Assignment {
  const ports = {
    ...run.ownerPorts(),
    log: run.log,
    logger: run.logger,
    onFailure: (error: unknown) => void failures.push(error),
    fold: async (batch, owner, { signal }) => {
      const options = { sliceRecords: 64, signal, savesNow: () => signal.aborted };
      await lastValueFrom(predictPipeline(batch, owner, options));
    },
  } satisfies ConstructorParameters<typeof Assignment>[0];
  const pace = { checkpointRecords: 1e9, checkpointMs: 1000 };
  return new Assignment(ports, pace, { partition: 0, generation: 0, settings });
}

test('a partition that is given up while a timed save claims it again and waits for a model is no failure', async () => {
  const run = new PredictRun(1);
  await run.models.put(other.bytes);
  const values = records.map(({ value }) => value);
  await run.log.append('ticks', 0, values);
  const failures: unknown[] = [];
  const before = assigned(run, failures);
  await before.open();
  await before.take({ topic: 'ticks', partition: 0, records: records.slice(0, 20) });
  await before.close(new Error('the first leaves'));
  const assignment = assigned(run, failures);
  expect(await assignment.open()).toBe(20n);
  await assignment.take({ topic: 'ticks', partition: 0, records: records.slice(20) });
  await run.commit.claim(0, 0);
  await run.models.remove(other.sha);
  await run.clock.advance(1000);
  expect(run.logger.events.map(({ text }) => text)).toContain('model was missing, partition waits');
  await assignment.close(new Error('the partition was given up'));
  expect(failures).toEqual([]);
  expect(run.logger.events.at(-1)?.text).toBe('partition was given up unsaved');
});
