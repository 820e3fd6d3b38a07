import { TAIL_TICKS } from './tape.ts';
import type { World } from './world.ts';

/** Time in which whoever begins has restored, and folded what there is. */
const FOLD_MS = 1_000;
const STEP_LIMIT = 60_000;

/** Appends the tapes but for their tails, piece by piece. @returns whether all of that is there */
export function ingest(world: World): () => boolean {
  const { scheduler, plan, run } = world;
  let open = run.tapes.length;
  for (const [p, tape] of run.tapes.entries()) {
    const body = tape.slice(0, -TAIL_TICKS).map(({ value }) => value);
    let at = 0;
    const piece = (): void => {
      const count = 1 + scheduler.pick(12);
      run.broker.append('ticks', p, body.slice(at, at + count));
      at += count;
      if (at >= body.length) open -= 1;
      if (at >= body.length) return;
      const pauseMs = scheduler.pick((2 * plan.durationMs * count) / body.length);
      scheduler.later(scheduler.nowMs > plan.durationMs ? 0 : pauseMs, `ticks for ${p}`, piece);
    };
    scheduler.later(scheduler.pick(50), `ticks for ${p}`, piece);
  }
  return () => open === 0;
}

/** What is left of the tapes comes only once all is calm, so that whoever holds a stale state finds out. */
export function ingestTails({ run }: World): void {
  for (const [p, tape] of run.tapes.entries()) {
    run.broker.append(
      'ticks',
      p,
      tape.slice(-TAIL_TICKS).map(({ value }) => value),
    );
  }
}

/** Everything has been published and delivered; then everyone leaves in good order, and the store must hold all of it. */
export async function finish(world: World): Promise<void> {
  const { run, clients } = world;
  await reach(world, 'rest', () => run.stream.isWhole() && clients.every((one) => one.hasAll()));
  await stopAll(world);
  if (!world.isStoreWhole()) {
    // Who finds at the very end that the store went back leaves the rest to the next owner.
    world.predicts[0].start();
    await reach(world, 'the whole state', () => world.isStoreWhole());
    await stopAll(world);
  }
  // A hash that was torn when nobody read it any more is found by the next claim.
  if (world.tearCount > 0) await foldOnce(world);
  run.stream.finish();
  requireWholeStates(world);
}

/** One process takes over whatever there is, and leaves in good order. */
export async function foldOnce(world: World): Promise<void> {
  const { scheduler } = world;
  world.predicts[0].start();
  const sinceMs = scheduler.nowMs;
  // Where nothing is left to fold, the state is saved only by the stop.
  const isFolded = (tookMs: number): boolean =>
    tookMs > 4 * FOLD_MS || (tookMs > FOLD_MS && world.isStoreWhole());
  await reach(world, 'the end of the fold', () => isFolded(scheduler.nowMs - sinceMs));
  await stopAll(world);
}

export function requireWholeStates(world: World): void {
  for (let p = 0; p < world.plan.partitionCount; p += 1) {
    world.run.states.requireWhole(p, world.store.server.fields(world.key(p)));
  }
}

async function stopAll(world: World): Promise<void> {
  let running = world.predicts.length;
  for (const slot of world.predicts) {
    slot.stop(true).then(
      () => {
        running -= 1;
      },
      (error: unknown) => world.violations.add(`${slot.name} did not stop: ${error}`),
    );
  }
  await reach(world, 'the stop of all', () => running === 0);
}

/** @throws where it does not come to that, or something is wrong before */
export async function reach(world: World, what: string, fact: () => boolean): Promise<void> {
  const { scheduler, violations } = world;
  const isOver = (): boolean => fact() || violations.all.length > 0;
  const isReached = await scheduler.runUntil(isOver, STEP_LIMIT);
  if (violations.all.length > 0) throw new Error('stopped at the first violation');
  if (isReached) return;
  throw new Error(
    `did not come to ${what} in ${STEP_LIMIT} steps, ${scheduler.nowMs} ms: ${standing(world)}`,
  );
}

function standing(world: World): string {
  const { oracles, stream } = world.run;
  const missing = world.clients.flatMap(({ check }) =>
    check.missing().map((one) => `${check.name} ${one}`),
  );
  const stored = oracles.map(({ end }, p) => `${world.storedNext(p)} of ${end}`);
  return `published ${stream.newest.join()}, stored ${stored.join()}, missing ${missing.join('; ')}`;
}
