import { expect, test } from 'vitest';
import { MUTATIONS } from './mutations.ts';
import { runSeeds } from './seeds-process.ts';

/** Of one mutation: seconds, and far more where others have the processor. */
const LIMIT_MS = 1_800_000;

// That these seeds pass without a mutation is what seeds.sim.test.ts shows: all of them are among its own.
test.each(MUTATIONS)(
  'seeds notice where $name',
  async ({ name, within }) => {
    expect(within).toBeLessThanOrEqual(1_000);
    const { seeds, failures } = await runSeeds(['--mutation', name]);
    expect(failures.length, `not noticed in ${seeds} seeds`).toBe(1);
  },
  LIMIT_MS,
);

test('a mutation whose text is not in the source is an error, not a pass', async () => {
  await expect(runSeeds(['--mutation', 'no such thing'])).rejects.toThrow(/no mutation/);
});
