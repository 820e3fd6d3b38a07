import { vi } from 'vitest';

/**
 * How long a test waits for what must come. Far more than a slow machine with other work takes: a fact that comes costs none of it,
 * and only one that never comes waits it out.
 */
export const REACH_MS = 240_000;
const TEST_MS = 600_000;

// A test that waits must not itself end before what it waits for.
vi.setConfig({ testTimeout: TEST_MS, hookTimeout: TEST_MS });

/** Resolves once the assertion holds. @throws what it said last, where it never holds */
export function eventually<T>(assertion: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertion, { timeout: REACH_MS, interval: 20 });
}
