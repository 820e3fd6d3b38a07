import { finish, foldOnce, ingest, ingestTails, reach, requireWholeStates } from './phases.ts';
import type { World } from './world.ts';

/** What comes once a seed has shown all that it must: the ends that a run may only have once. */
export async function runEpilogue(world: World): Promise<void> {
  switch (world.plan.epilogue) {
    case 'none':
      return;
    case 'new run':
      return newRun(world);
    case 'floor':
      return floor(world);
    default:
      return refusal(world);
  }
}

/** Readers and clients that know of another run begin anew, and take nothing of one for the other. */
async function newRun(world: World): Promise<void> {
  world.beginRun(`${world.run.name}-again`);
  const isIngested = ingest(world);
  await reach(world, 'the ticks of the new run', isIngested);
  ingestTails(world);
  await finish(world);
}

/** The store goes back to before the log's beginning, where a copy beside it still reaches the log: nothing is lost. */
async function floor(world: World): Promise<void> {
  const { run, store, snapshots, scheduler } = world;
  const partition = scheduler.pick(world.plan.partitionCount);
  const newest = snapshots.list(run.name, partition).at(0);
  if (newest === undefined || newest.next === 0n) return;
  const next = Number(newest.next);
  world.deletesTicks = true;
  run.broker.truncate('ticks', partition, next);
  while (world.storedNext(partition) >= next) store.server.rollBack(1);
  await foldOnce(world);
  requireWholeStates(world);
}

/** A log that no longer holds what it acknowledged: whoever starts on it must refuse, by name, and write nothing. */
async function refusal(world: World): Promise<void> {
  const { epilogue, partitionCount } = world.plan;
  const { stream, states, broker } = world.run;
  const expected = spoil(world, world.scheduler.pick(partitionCount));
  const before = stream.entryCount + states.commitCount;
  // The other partitions have lost nothing, and go on meanwhile.
  if (partitionCount > 1) broker.onAppended = () => {};
  world.refusals = [];
  world.predicts[0].start();
  await reach(world, `a refusal with ${expected}`, () => world.refusals?.length !== 0);
  const [found] = world.refusals;
  if (found !== expected)
    world.violations.add(`${epilogue}: refused with ${found}, not ${expected}`);
  const isQuiet = stream.entryCount + states.commitCount === before;
  if (partitionCount === 1 && !isQuiet) world.violations.add(`${epilogue}: went on`);
}

/** @returns the code that must follow */
function spoil(world: World, partition: number): string {
  const { run, store, snapshots } = world;
  const { end } = run.oracles[partition];
  switch (world.plan.epilogue) {
    case 'truncated':
      store.server.wipe();
      snapshots.clear();
      run.broker.truncate('ticks', partition, 1 + world.scheduler.pick(end - 1));
      return 'LOG_TRUNCATED';
    case 'tail lost':
      run.broker.loseTail('ticks', partition, 1 + world.scheduler.pick(end - 1));
      return 'LOG_TAIL_LOST';
    default:
      store.server.wipe();
      snapshots.clear();
      world.quirks.skips.add(partition);
      return 'LOG_GAP';
  }
}
