import { runEpilogue } from './epilogue.ts';
import { calm, keepFailing } from './faults.ts';
import { finish, ingest, ingestTails, reach } from './phases.ts';
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
  readonly counts: Readonly<Record<string, number>>;
}

/** One run of everything, as the seed has it. */
export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const trace = new Trace(options.print ?? null);
  const world = new World(seed, planOf(seed), trace);
  if (options.without !== undefined) world.store.server.rules[options.without] = false;
  const { stream, states, oracles } = world.run;
  try {
    await runWorld(world);
  } catch (error) {
    world.violations.add(error instanceof Error ? (error.stack ?? '') : String(error));
  }
  const { scheduler, clients, violations } = world;
  const sum = (counts: readonly number[]): number => counts.reduce((all, one) => all + one, 0);
  return {
    seed,
    violations: violations.all,
    traceHash: trace.hash,
    counts: {
      steps: scheduler.stepCount,
      virtualMs: scheduler.nowMs,
      published: stream.entryCount,
      needed: sum(oracles.map(({ entries }) => entries.length)),
      commits: states.commitCount,
      delivered: sum(clients.map(({ check }) => check.forecastCount)),
      snapshots: sum(clients.map(({ check }) => check.snapshotCount)),
    },
  };
}

async function runWorld(world: World): Promise<void> {
  const { scheduler, plan, violations } = world;
  world.begin();
  const isIngested = ingest(world);
  keepFailing(world);
  const isOver = (): boolean => scheduler.nowMs > plan.durationMs && isIngested();
  await reach(world, 'the end of the faults', isOver);
  calm(world);
  ingestTails(world);
  await finish(world);
  const gaps = world.gateways.reduce((sum, gateway) => sum + gateway.allGaps(), 0);
  if (gaps > 0 && !plan.losesForecasts) violations.add(`gateways saw ${gaps} gaps, there was none`);
  if (violations.all.length === 0) await runEpilogue(world);
}
