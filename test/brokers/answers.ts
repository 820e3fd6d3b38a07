import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Resolves once the question is answered.
 * @throws Error of the last try when the deadline has passed, or nobody waits any more
 */
export async function answers(
  ask: () => Promise<void>,
  withinMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > deadline || signal?.aborted) throw error;
      await sleep(50);
    }
  }
}
