/**
 * How long a test waits for what must come. Far more than a slow machine with other work takes: a fact that comes costs none of it,
 * and only one that never comes waits it out.
 */
export const REACH_MS = 240_000;
