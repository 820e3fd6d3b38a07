import { parseArgs } from 'node:util';
import { installHost } from './host-globals.ts';
import { MUTATIONS, mutate } from './mutations.ts';
import type { SeedOptions, SeedResult } from './run-seed.ts';
import { Trace } from './trace.ts';

/*
 * Runs seeds in a process of its own, whose timers, clock and sockets are the simulation's:
 *   node test/simulation/run-seeds.ts --from 1 --count 1000
 *   node test/simulation/run-seeds.ts --seed 17 --trace
 *   node test/simulation/run-seeds.ts --mutation 'the gateway takes repeats'
 * The last line is the summary as JSON. Ends with 1 where a seed violates a check.
 */

/** What a run of many seeds came to; its last line of output. */
export interface Summary {
  readonly seeds: number;
  readonly failures: readonly { readonly seed: number; readonly violations: readonly string[] }[];
  /** Over the traces of all seeds. */
  readonly traceHash: string;
  readonly msPerSeed: number;
  /** Time of the processor: what other processes take is not in it. */
  readonly cpuMsPerSeed: number;
  readonly counts: Readonly<Record<string, number>>;
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
    count: { type: 'string' },
    /** Every so many seeds one is run again: its trace must be the same. */
    again: { type: 'string', default: '50' },
    trace: { type: 'boolean', default: false },
    mutation: { type: 'string' },
  },
});

const nowMs = performance.now.bind(performance);
const sinceMs = nowMs();
const mutation = MUTATIONS.find(({ name }) => name === values.mutation);
if (values.mutation !== undefined && mutation === undefined) {
  throw new RangeError(`no mutation ${values.mutation}; there are:\n${names()}`);
}
const edited = mutation === undefined ? new Set() : mutate(mutation);
installHost();
// A stack costs more than most steps; the trace of one seed shows it.
if (!values.trace) Error.stackTraceLimit = 0;
const { runSeed } = await import('./run-seed.ts');
const { planOf } = await import('./plan.ts');
const options: SeedOptions = {
  ...(values.trace ? { print: (line: string) => console.log(line) } : {}),
  ...(mutation?.without === undefined ? {} : { without: mutation.without }),
};
let failure: unknown = null;
process.on('unhandledRejection', (error) => {
  failure ??= error;
});

const summary = await runAll();
if (mutation !== undefined && edited.size < new Set(mutation.edits.map(({ file }) => file)).size) {
  throw new Error(`of the files of the mutation only ${[...edited].join()} were loaded`);
}
for (const { seed, violations } of summary.failures) console.log(seed, violations.slice(0, 4));
console.log(JSON.stringify(summary));
process.exit(summary.failures.length === 0 ? 0 : 1);

async function runAll(): Promise<Summary> {
  const hashes = new Trace();
  const failures: SeedResult[] = [];
  const counts: Record<string, number> = {};
  let seeds = 0;
  for (const seed of chosenSeeds()) {
    const result = await runTwice(seed);
    seeds += 1;
    hashes.note(result.seed, result.traceHash);
    if (result.violations.length > 0) failures.push(result);
    for (const [what, n] of Object.entries(result.counts)) counts[what] = (counts[what] ?? 0) + n;
    // One failure is enough to know a mutation by.
    if (mutation !== undefined && failures.length > 0) break;
  }
  const { user, system } = process.cpuUsage();
  return {
    seeds,
    failures: failures.map(({ seed, violations }) => ({ seed, violations })),
    traceHash: hashes.hash,
    msPerSeed: round((nowMs() - sinceMs) / seeds),
    cpuMsPerSeed: round((user + system) / 1000 / seeds),
    counts,
  };
}

function chosenSeeds(): number[] {
  const from = Number(values.seed ?? values.from);
  const count = values.seed === undefined ? Number(values.count ?? mutation?.within ?? 100) : 1;
  const { where = () => true } = mutation ?? {};
  return Array.from({ length: count }, (_, k) => from + k).filter((seed) => where(planOf(seed)));
}

async function runTwice(seed: number): Promise<SeedResult> {
  const result = await runSeed(seed, options);
  const unhandled = failure === null ? [] : [`nobody handled ${failure}`];
  failure = null;
  const isAgain = seed % Number(values.again) === 0 && mutation === undefined;
  const again = isAgain ? (await runSeed(seed, options)).traceHash : result.traceHash;
  const differs =
    again === result.traceHash ? [] : [`trace was ${result.traceHash}, then ${again}`];
  return { ...result, violations: [...result.violations, ...unhandled, ...differs] };
}

function round(ms: number): number {
  return Math.round(10 * ms) / 10;
}

function names(): string {
  return MUTATIONS.map(({ name }) => name).join('\n');
}
