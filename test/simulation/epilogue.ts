import { reach } from './run-seed.ts';
import type { World } from './world.ts';

/** A log that no longer holds what it acknowledged: whoever starts on it must refuse, by name, and write nothing. */
export async function runEpilogue(world: World): Promise<void> {
  const { epilogue, partitionCount } = world.plan;
  if (epilogue === 'none') return;
  const partition = world.scheduler.pick(partitionCount);
  const expected = spoil(world, partition);
  const { entryCount } = world.stream;
  const { commitCount } = world.states;
  if (partitionCount > 1) world.broker.onAppended = () => {};
  world.refusals = [];
  world.predicts[0].start();
  await reach(world, `a refusal with ${expected}`, () => world.refusals?.length !== 0);
  const [found] = world.refusals;
  if (found !== expected)
    world.violations.add(`${epilogue}: refused with ${found}, not ${expected}`);
  const isQuiet =
    world.stream.entryCount === entryCount && world.states.commitCount === commitCount;
  if (partitionCount === 1 && !isQuiet) world.violations.add(`${epilogue}: went on`);
}

/** @returns the code that must follow */
function spoil(world: World, partition: number): string {
  const { broker, store, snapshots } = world;
  const { end } = world.oracles[partition];
  switch (world.plan.epilogue) {
    case 'truncated':
      store.server.wipe();
      snapshots.clear();
      broker.truncate('ticks', partition, 1 + world.scheduler.pick(end - 1));
      return 'LOG_TRUNCATED';
    case 'tail lost':
      broker.loseTail('ticks', partition, 1 + world.scheduler.pick(end - 1));
      return 'LOG_TAIL_LOST';
    default:
      store.server.wipe();
      snapshots.clear();
      world.quirks.skips.add(partition);
      return 'LOG_GAP';
  }
}
