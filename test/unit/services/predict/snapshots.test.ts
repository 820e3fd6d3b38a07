import { describe, expect, test } from 'vitest';
import type { PredictPorts } from '#services/predict/service.ts';
import { CorruptBytesError } from '#shared/errors.ts';
import {
  type MemorySnapshots,
  openMemorySnapshotStore,
} from '#shared/state/embedded/memory-snapshot-store.ts';
import type { PartitionCommit } from '#shared/state/partition-commit.ts';
import { PredictRun } from '#test/builders/a-predict.ts';
import {
  expectUndisturbed,
  SELDOM,
  savedNext,
  started,
  ticksOf,
} from '#test/builders/a-seldom-saved-run.ts';
import { aWatchedLog } from '#test/builders/a-watched-log.ts';

const PERIOD_MS = 600_000;

describe('snapshots', () => {
  /** A run of 200 ticks whose snapshot stands at 100, its service stopped. */
  async function withSnapshot() {
    const run = new PredictRun(1);
    const kept: MemorySnapshots = [];
    const snapshots = openMemorySnapshotStore(kept);
    await started(run, SELDOM, { snapshots });
    await run.fold(ticksOf(0, 100));
    await run.clock.advance(1000);
    await run.fold(ticksOf(100, 200));
    await run.stop();
    return { run, kept, snapshots };
  }

  async function goesOn(run: PredictRun, over: Partial<PredictPorts>): Promise<void> {
    await started(run, SELDOM, over);
    await run.fold(ticksOf(200, 300));
    await run.stop();
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
    await run.fold(ticksOf(200, 210));
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
    await run.fold(ticksOf(0, 100));
    await run.clock.advance(1000);
    await run.stop();
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
    await run.fold(ticksOf(0, 100));
    await run.clock.advance(1000);
    await run.fold(ticksOf(100, 300));
    await run.stop();
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
