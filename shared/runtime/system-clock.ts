import type { Clock } from './clock.ts';

/** The machine's own clock. `nowMs` never runs backwards, even where the host's time is set back. */
export function systemClock(): Clock {
  const startMs = Date.now() - performance.now();
  return {
    nowMs: () => startMs + performance.now(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, ms);
        signal?.addEventListener('abort', wake);
      }),
  };
}
