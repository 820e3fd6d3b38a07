import { vi } from 'vitest';
import { REACH_MS } from './reach.ts';

export { REACH_MS };

const TEST_MS = 600_000;

// A test that waits must not itself end before what it waits for.
vi.setConfig({ testTimeout: TEST_MS, hookTimeout: TEST_MS });

/** Resolves once the assertion holds. @throws what it said last, where it never holds */
export function eventually<T>(assertion: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertion, { timeout: REACH_MS, interval: 20 });
}
