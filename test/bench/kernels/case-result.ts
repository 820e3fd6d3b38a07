import { fastest, type Timing } from '../interleave.ts';
import { type Goal, goalsOf } from './goals.ts';
import { type StepCase, symbolSteps, type TrainingCase } from './lstm-case.ts';

/** Whose times the others' are divided by. */
export const OURS = 'ours wasm';

export interface CaseResult {
  readonly of: StepCase | TrainingCase;
  /** Of those that computed the right thing, in their order. */
  readonly timings: readonly Timing[];
  /** Who was not timed and why. */
  readonly refused: readonly { readonly name: string; readonly why: string }[];
}

export interface GoalResult {
  readonly goal: Goal;
  readonly batch: number;
  /** The fastest of the goal's peers that ran. */
  readonly peer: string;
  /** Its time / ours. */
  readonly ratio: number;
}

/** Nanoseconds for one step of one symbol, the fastest round; null where `name` was not timed. */
export function nsPerSymbolStep({ of, timings }: CaseResult, name: string): number | null {
  const timing = timings.find((one) => one.name === name);
  return timing === undefined ? null : fastest(timing) / symbolSteps(of);
}

/** The peer's time / ours: above 1, ours is faster. Null where one of the two was not timed. */
export function ratio(result: CaseResult, name: string): number | null {
  const ours = nsPerSymbolStep(result, OURS);
  const theirs = nsPerSymbolStep(result, name);
  return ours === null || theirs === null ? null : theirs / ours;
}

/** The goals set for this case, each against the fastest of its peers; those of which none ran are left out. */
export function goalResults(result: CaseResult): readonly GoalResult[] {
  return goalsOf(result.of).flatMap((goal) => {
    const ran = goal.peers.flatMap((peer) => {
      const found = ratio(result, peer);
      return found === null ? [] : [{ peer, ratio: found }];
    });
    if (ran.length === 0) return [];
    const strongest = ran.reduce((a, b) => (b.ratio < a.ratio ? b : a));
    return [{ goal, batch: result.of.batch, ...strongest }];
  });
}
