import { describe, expect, test } from 'vitest';
import { decodeScore } from '#shared/forecast/score-record.ts';
import { decodeVersionedJson } from '#shared/numeric/versioned-json.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import type { PartitionCommit } from '#shared/state/partition-commit.ts';
import { StateWrongRunError } from '#shared/state/state-errors.ts';
import { aFold } from '#test/builders/a-fold.ts';
import { aModel, someSettings } from '#test/builders/a-model.ts';
import { PredictRun } from '#test/builders/a-predict.ts';
import { aTape, bytesOf } from '#test/builders/a-tape.ts';
import { aTrade, MIDNIGHT_NS } from '#test/builders/a-tick.ts';

const SYMBOLS = ['venue:a', 'venue:b', 'venue:c', 'venue:d'];
const tape = aTape({ symbols: SYMBOLS, tickCount: 240 });
const other = aModel(someSettings(), { remade: (parameter, k) => parameter * (1 + (k % 3) / 10) });
const switchToOther = bytesOf({ kind: 'switch', id: 1, sha: other.sha, how: 'refresh' });

/** What the fold alone makes of a partition's records. */
async function expectedOf(run: PredictRun, partition: number) {
  const fold = aFold({}, [other]).fold(await run.records('ticks', partition));
  return { bytes: fold.forecastBytes(), entries: fold.out.entries };
}

async function expectWholeLog(run: PredictRun): Promise<void> {
  for (const partition of [0, 1]) {
    const entries = await run.entries(partition);
    const expected = await expectedOf(run, partition);
    expect(entries.length).toBeGreaterThan(0);
    expect(aFold().forecastBytes(entries)).toEqual(expected.bytes);
    let prev = -1n;
    for (const entry of entries) {
      expect(entry.prev).toBe(prev);
      prev = entry.src;
    }
  }
}

describe('forecasts stand in the log', () => {
  test('once waitFor resolves: one entry per tick, chained, equal to those of the fold alone', async () => {
    const run = new PredictRun();
    await run.append(tape);
    const predict = await run.start();
    await predict.waitFor(await run.ends());
    await expectWholeLog(run);
    const counts = await Promise.all([run.entries(0), run.entries(1)]);
    expect(counts[0].length + counts[1].length).toBe(tape.length);
    expect(run.metrics.value('foretick_predict_forecasts_total')).toBe(tape.length);
  });

  test('for ticks that come while it runs', async () => {
    const run = new PredictRun();
    const predict = await run.start();
    for (let at = 0; at < tape.length; at += 50) {
      await run.append(tape.slice(at, at + 50));
      await predict.waitFor(await run.ends());
    }
    await expectWholeLog(run);
  });

  test('beside scores, and rejects that say where the record is', async () => {
    const run = new PredictRun(1);
    await run.append(aTape({ tickCount: 120 }));
    await run.append([aTrade({ seq: 999n, eventTimeNs: MIDNIGHT_NS - 5n })]);
    await run.log.append('ticks', 0, [Uint8Array.of(1, 2, 3)]);
    const predict = await run.start();
    await predict.waitFor(await run.ends());
    const scores = (await run.records('scores')).map(({ value }) => decodeScore(value));
    expect(scores.map(({ src }) => src)).toEqual([49n, 99n]);
    const rejects = (await run.records('rejects')).map(({ value }) =>
      decodeVersionedJson(1, value, 'a reject'),
    );
    expect(rejects).toMatchObject([
      { reason: 'LATE', where: 'ticks/0/120' },
      { reason: 'CORRUPT', where: 'ticks/0/121' },
    ]);
  });
});

test('a service is ready once each partition that it was given has its state', async () => {
  const run = new PredictRun();
  await run.append(tape);
  const held = Promise.withResolvers<void>();
  const commit = run.commit;
  const claim = commit.claim.bind(commit);
  commit.claim = async (partition, generation) => {
    if (partition === 1) await held.promise;
    return claim(partition, generation);
  };
  const service = await run.start({ commit });
  expect(service.isReady()).toBe(false);
  held.resolve();
  await service.waitFor(await run.ends());
  expect(service.isReady()).toBe(true);
});

describe('a restart', () => {
  test('goes on at the stored offset, repeats nothing and forecasts as if it had never stopped', async () => {
    const run = new PredictRun();
    for (const [from, to] of [
      [0, 90],
      [90, 91],
      [91, 240],
    ]) {
      await run.append(tape.slice(from, to));
      const predict = await run.start();
      await predict.waitFor(await run.ends());
      await predict.stop();
    }
    await expectWholeLog(run);
    expect(run.metrics.value('foretick_predict_refused_total')).toBe(0);
    const claims = run.logger.events.filter(({ text }) => text === 'partition claimed');
    const offsets = claims.map(({ fields }) => [fields['partition'], fields['next']]);
    expect(offsets.slice(0, 2)).toEqual([
      [0, '0'],
      [1, '0'],
    ]);
    const ends = await run.ends();
    const restarted = offsets.slice(4).map(([, next]) => BigInt(String(next)));
    expect(restarted[0] + restarted[1]).toBe(91n);
    expect(ends[0] + ends[1]).toBe(240n);
  });

  test('with nothing new to fold appends nothing', async () => {
    const run = new PredictRun();
    await run.append(tape);
    const first = await run.start();
    await first.waitFor(await run.ends());
    await first.stop();
    const before = await run.log.bounds('forecasts', 0);
    const second = await run.start();
    await second.waitFor(await run.ends());
    await second.stop();
    expect(await run.log.bounds('forecasts', 0)).toEqual(before);
  });

  test('after a switch goes on with the model that was switched to', async () => {
    const run = new PredictRun(1);
    await run.models.put(other.bytes);
    await run.append(tape.slice(0, 100));
    await run.log.append('ticks', 0, [switchToOther]);
    const first = await run.start();
    await first.waitFor(await run.ends());
    await first.stop();
    await run.append(tape.slice(100));
    const second = await run.start();
    await second.waitFor(await run.ends());
    const entries = await run.entries(0);
    expect(entries[entries.length - 1].forecasts[0].modelSha).toBe(other.sha);
    expect(aFold().forecastBytes(entries)).toEqual((await expectedOf(run, 0)).bytes);
  });
});

/** A clock whose first sleep can be awaited: the fact that somebody waits for a model. */
function watchedClock(run: PredictRun): { clock: Clock; slept: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const clock: Clock = {
    nowMs: () => run.clock.nowMs(),
    sleep: (ms, signal) => {
      const woken = run.clock.sleep(ms, signal);
      resolve();
      return woken;
    },
  };
  return { clock, slept: promise };
}

describe('a switch to a model that is not in the store', () => {
  async function stalled() {
    const run = new PredictRun(1);
    const { clock, slept } = watchedClock(run);
    await run.append(tape.slice(0, 100));
    await run.log.append('ticks', 0, [switchToOther]);
    await run.append(tape.slice(100));
    const predict = await run.start({ clock });
    await slept;
    return { run, predict };
  }

  test('holds its partition with an alarm and forecasts nothing past it', async () => {
    const { run } = await stalled();
    await run.clock.advance(2500);
    const alarms = run.logger.events.filter(({ level }) => level === 'error');
    expect(alarms).toHaveLength(3);
    expect(alarms[0].fields).toEqual({ sha: other.sha });
    expect(await run.entries(0)).toEqual([]);
  });

  test('goes on when it appears, with the forecasts it would have made at once', async () => {
    const { run, predict } = await stalled();
    const reached = predict.waitFor(await run.ends());
    await run.clock.advance(1000);
    await run.models.put(other.bytes);
    await run.clock.advance(1000);
    await reached;
    const entries = await run.entries(0);
    expect(aFold().forecastBytes(entries)).toEqual((await expectedOf(run, 0)).bytes);
    expect(entries[entries.length - 1].forecasts[0].modelSha).toBe(other.sha);
  });

  test('does not keep the service from stopping, which is no failure', async () => {
    const { run, predict } = await stalled();
    const reached = predict.waitFor(await run.ends());
    const refused = expect(reached).rejects.toThrow('predict was stopped');
    await predict.stop();
    await refused;
    await expect(predict.done).resolves.toBeUndefined();
  });
});

test('a control record that cannot be read becomes a reject and stops nothing', async () => {
  const run = new PredictRun(1);
  await run.append(tape.slice(0, 10));
  await run.log.append('ticks', 0, [switchToOther.subarray(0, -3)]);
  await run.append(tape.slice(10));
  const predict = await run.start();
  await predict.waitFor(await run.ends());
  expect(await run.entries(0)).toHaveLength(tape.length);
  expect(await run.records('rejects')).toHaveLength(1);
});

const wrongRun = () => Promise.reject(new StateWrongRunError('state of another run'));

/** The run's own store, changed in some of its answers. */
function aCommit(run: PredictRun, over: Partial<PartitionCommit>): PartitionCommit {
  const { commit } = run;
  return {
    claim: (partition, generation) => commit.claim(partition, generation),
    claimEmpty: (partition, generation) => commit.claimEmpty(partition, generation),
    load: (partition) => commit.load(partition),
    commit: (some) => commit.commit(some),
    ...over,
  };
}

test('a failure while the service stops is still a failure', async () => {
  const run = new PredictRun(1);
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const commit = aCommit(run, {
    commit: async () => {
      asked.resolve();
      await gate.promise;
      await wrongRun();
    },
  });
  await run.append(tape);
  const predict = await run.start({ commit });
  const failed = expect(predict.done).rejects.toBeInstanceOf(StateWrongRunError);
  await asked.promise;
  const stopped = predict.stop();
  gate.resolve();
  await Promise.all([failed, stopped]);
});

test('a claim that fails before anyone awaits the end is told to who asks later', async () => {
  const run = new PredictRun(1);
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', onUnhandled);
  const predict = await run.start({ commit: aCommit(run, { claim: wrongRun }) });
  await expect(predict.waitFor([1n])).rejects.toBeInstanceOf(StateWrongRunError);
  // Node tells of a rejection without a listener before the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
  await expect(predict.done).rejects.toBeInstanceOf(StateWrongRunError);
});

test('who waits for records that never come is told when the service stops', async () => {
  const run = new PredictRun(1);
  const predict = await run.start();
  const refused = expect(predict.waitFor([1n])).rejects.toThrow('predict was stopped');
  await predict.stop();
  await refused;
});
