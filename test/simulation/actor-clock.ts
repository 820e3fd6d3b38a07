import type { Clock } from '#shared/runtime/clock.ts';
import type { Actor } from './actor.ts';
import type { Scheduler } from './scheduler.ts';

/** The scheduler's time as an actor sees it: it wakes no sooner than its pause ends, and never once it is dead. */
export function clockOf(scheduler: Scheduler, actor: Actor): Clock {
  return {
    nowMs: () => scheduler.nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = (): void => {
          takeBack();
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const takeBack = scheduler.later(ms, `${actor.name} woke`, wake, actor);
        signal?.addEventListener('abort', wake);
      }),
  };
}
