import { runEpilogue } from './epilogue.ts';
import { calm, keepFailing } from './faults.ts';
import { planOf } from './plan.ts';
import type { ScriptRules } from './redis-server.ts';
import { Trace } from './trace.ts';
import { World } from './world.ts';

export interface SeedOptions {
  /** Told every line of the trace. */
  readonly print?: (line: string) => void;
  /** Checks of the store that are left out: a mutation. */
  readonly without?: keyof ScriptRules;
}

export interface SeedResult {
  readonly seed: number;
  /** Empty: all is as it must be. */
  readonly violations: readonly string[];
  readonly traceHash: string;
  readonly stepCount: number;
  readonly virtualMs: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** Records of each partition that come only once all is calm, so that whoever holds a stale state finds out. */
const TAIL = 4;
const STEP_LIMIT = 60_000;

/** One run of everything, as the seed has it. */
export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const trace = new Trace(options.print ?? null);
  const world = new World(seed, planOf(seed), trace);
  if (options.without !== undefined) world.store.server.rules[options.without] = false;
  try {
    await runWorld(world);
  } catch (error) {
    world.violations.add(error instanceof Error ? (error.stack ?? '') : String(error));
  }
  const { scheduler, stream, states, clients, violations } = world;
  return {
    seed,
    violations: violations.all,
    traceHash: trace.hash,
    stepCount: scheduler.stepCount,
    virtualMs: scheduler.nowMs,
    counts: {
      published: stream.entryCount,
      needed: world.oracles.reduce((sum, { entries }) => sum + entries.length, 0),
      commits: states.commitCount,
      delivered: clients.reduce((sum, { check }) => sum + check.forecastCount, 0),
      snapshots: clients.reduce((sum, { check }) => sum + check.snapshotCount, 0),
    },
  };
}

async function runWorld(world: World): Promise<void> {
  const { scheduler, plan } = world;
  world.begin();
  const isIngested = ingest(world);
  keepFailing(world);
  await reach(world, 'the end of the faults', () => {
    return scheduler.nowMs > plan.durationMs && isIngested();
  });
  calm(world);
  for (const [p, tape] of world.tapes.entries()) {
    world.broker.append(
      'ticks',
      p,
      tape.slice(-TAIL).map(({ value }) => value),
    );
  }
  await reach(world, 'rest', () => world.isAtRest());
  await settleStore(world);
  check(world);
  if (world.violations.all.length === 0) await runEpilogue(world);
}

/** Appends the tapes but for their tails, piece by piece. @returns whether all of that is there */
function ingest(world: World): () => boolean {
  const { scheduler, broker, plan } = world;
  let open = world.tapes.length;
  for (const [p, tape] of world.tapes.entries()) {
    const body = tape.slice(0, -TAIL).map(({ value }) => value);
    let at = 0;
    const piece = (): void => {
      const count = 1 + scheduler.pick(12);
      broker.append('ticks', p, body.slice(at, at + count));
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

/** Everyone leaves in good order; then the store must hold the whole of every state. */
async function settleStore(world: World): Promise<void> {
  await stopAll(world);
  if (!world.isStoreWhole()) {
    // Who finds at the very end that the store went back leaves the rest to the next owner.
    world.predicts[0].start();
    await reach(world, 'the whole state', () => world.isStoreWhole());
    await stopAll(world);
  }
}

export async function stopAll(world: World): Promise<void> {
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

/** @throws where it does not come to that */
export async function reach(world: World, what: string, fact: () => boolean): Promise<void> {
  const { scheduler, violations } = world;
  const isOver = (): boolean => fact() || violations.all.length > 0;
  const isReached = await scheduler.runUntil(isOver, STEP_LIMIT);
  if (violations.all.length > 0) throw new Error('stopped at the first violation');
  if (isReached) return;
  const missing = world.clients.flatMap(({ check }) =>
    check.missing().map((one) => `${check.name} ${one}`),
  );
  const stored = world.oracles.map(({ end }, p) => `${world.storedNext(p)} of ${end}`);
  throw new Error(
    `did not come to ${what} in ${STEP_LIMIT} steps, ${scheduler.nowMs} ms: published ${world.stream.newest.join()}, stored ${stored.join()}, missing ${missing.join('; ')}`,
  );
}

function check(world: World): void {
  const { violations, stream, states, store, plan, gateways } = world;
  stream.finish();
  for (let p = 0; p < plan.partitionCount; p += 1) {
    states.requireWhole(p, store.server.fields(world.key(p)));
  }
  const gaps = gateways.reduce((sum, gateway) => sum + gateway.allGaps(), 0);
  if (gaps > 0 && !plan.losesForecasts) violations.add(`gateways saw ${gaps} gaps, there was none`);
}
