/** What takes turns: `run` does its work so many times and says how long that took. It times itself, so a peer in another process can. */
export interface Timed {
  readonly name: string;
  /** @returns nanoseconds for all iterations together */
  run(iterations: number): number | Promise<number>;
}

export interface InterleaveOptions {
  readonly rounds: number;
  /** How long one turn should last; one iteration is the least. */
  readonly sliceNs: number;
  /** How long each runs before it is timed, so that compilers and caches have settled. */
  readonly warmUpNs: number;
}

export interface Timing {
  readonly name: string;
  /** Nanoseconds per iteration, one number a round. */
  readonly rounds: readonly number[];
}

/**
 * Times all contenders in one run: a slice of each in turn, round after round, so that what disturbs the machine disturbs all.
 * Every other round goes backwards, so that none always runs in the wake of the same neighbour.
 */
export async function interleave(
  contenders: readonly Timed[],
  { rounds, sliceNs, warmUpNs }: InterleaveOptions,
): Promise<readonly Timing[]> {
  const turns = [];
  for (const contender of contenders) {
    const ns = await warmUp(contender, warmUpNs);
    turns.push({
      contender,
      iterations: Math.max(1, Math.round(sliceNs / ns)),
      rounds: [] as number[],
    });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { contender, iterations, rounds } of round % 2 === 0 ? turns : turns.toReversed()) {
      rounds.push((await contender.run(iterations)) / iterations);
    }
  }
  return turns.map(({ contender, rounds }) => ({ name: contender.name, rounds }));
}

/** Twice as many iterations each time until the warm-up is over. @returns nanoseconds of one iteration in the last and longest run */
async function warmUp(contender: Timed, warmUpNs: number): Promise<number> {
  let spent = 0;
  for (let iterations = 1; ; iterations *= 2) {
    const ns = await contender.run(iterations);
    spent += ns;
    if (spent >= warmUpNs) return Math.max(ns, 1) / iterations;
  }
}

/** The least disturbed round: what the work costs when the machine does nothing else. */
export function fastest(timing: Timing): number {
  return Math.min(...timing.rounds);
}

/** How far the middle round lies above the fastest, as a share of it: 0 on a quiet machine. */
export function spread(timing: Timing): number {
  const sorted = timing.rounds.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return median / sorted[0] - 1;
}

/** Work as something that times itself in this process. */
export function timed(work: () => void): (iterations: number) => number {
  return (iterations) => {
    const from = performance.now();
    for (let k = 0; k < iterations; k++) work();
    return (performance.now() - from) * 1e6;
  };
}

/** The same for work that must be awaited; the waiting counts, since its user waits too. */
export function timedAsync(work: () => Promise<void>): (iterations: number) => Promise<number> {
  return async (iterations) => {
    const from = performance.now();
    for (let k = 0; k < iterations; k++) await work();
    return (performance.now() - from) * 1e6;
  };
}
