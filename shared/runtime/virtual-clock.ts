import type { Clock } from './clock.ts';

/** A clock that stands still until it is told to go on: for tests, and for replay. */
export interface VirtualClock extends Clock {
  /** Moves time on and wakes the sleepers on the way, one after the other, each seeing the time it asked for. */
  advance(ms: number): Promise<void>;
  /** Who sleeps now. */
  sleeperCount(): number;
}

interface Sleeper {
  readonly wakeAtMs: number;
  readonly wake: () => void;
}

export function virtualClock(startMs: number): VirtualClock {
  let nowMs = startMs;
  const sleepers = new Set<Sleeper>();
  const earliest = (untilMs: number): Sleeper | undefined =>
    [...sleepers]
      .filter((sleeper) => sleeper.wakeAtMs <= untilMs)
      .reduce<Sleeper | undefined>(
        (first, one) => (first === undefined || one.wakeAtMs < first.wakeAtMs ? one : first),
        undefined,
      );
  return {
    nowMs: () => nowMs,
    sleeperCount: () => sleepers.size,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { wakeAtMs: nowMs + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake);
      }),
    advance: async (ms) => {
      const untilMs = nowMs + ms;
      await reactionsOfOthers();
      for (let next = earliest(untilMs); next !== undefined; next = earliest(untilMs)) {
        nowMs = Math.max(nowMs, next.wakeAtMs);
        next.wake();
        await reactionsOfOthers();
      }
      nowMs = untilMs;
    },
  };
}

// What a sleeper does when it wakes may itself sleep again before `untilMs`: its promises must run first.
function reactionsOfOthers(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
