import type { SymbolTape } from './symbol-tape.ts';
import type { WindowStart } from './window-sampler.ts';

/** One in this many windows of the newest block is held out. */
const HELD_OUT_EVERY = 4;

/**
 * Which pairs of event and horizon boundary `id` may not train on, since it judges itself by them: of the pairs that matured since
 * the boundary before, those that start in every fourth window-long segment. A later boundary holds out other segments, so every
 * tick is learnt from in the end, and three quarters of the newest block at once. Targets of neighbouring segments overlap by up
 * to the longest horizon; that much the judged pairs are not independent of the trained ones.
 */
export function isHeldOut(
  tape: SymbolTape,
  t: number,
  horizon: number,
  { id, steps }: { readonly id: number; readonly steps: number },
): boolean {
  return t + horizon >= tape.newsFrom && isJudgingSegment(Math.floor(t / steps), id);
}

/** The segments that hold a pair which is held out. */
export function heldOutWindows(
  tapes: readonly SymbolTape[],
  longestHorizon: number,
  { id, steps }: { readonly id: number; readonly steps: number },
): WindowStart[] {
  const windows: WindowStart[] = [];
  for (const tape of tapes) {
    const first = Math.max(tape.firstStart, tape.newsFrom - longestHorizon);
    for (let n = Math.floor(first / steps); n * steps < tape.count; n++) {
      const start = n * steps;
      if (isJudgingSegment(n, id) && start >= tape.firstStart) windows.push({ tape, start });
    }
  }
  return windows;
}

function isJudgingSegment(segment: number, id: number): boolean {
  return (segment + id) % HELD_OUT_EVERY === 0;
}
