import { expect, test } from 'vitest';
import { runSeeds } from './seeds-process.ts';

const IS_LONG = process.env['FORETICK_TEST_LONG'] !== undefined;
const SEEDS = IS_LONG ? 10_000 : 2_000;
const PROCESSES = 2;
const LIMIT_MS = IS_LONG ? 7_200_000 : 1_800_000;

test(
  `over ${SEEDS} seeds of crashes, zombies and lost replies, nothing is lost, repeated or wrong`,
  async () => {
    const share = SEEDS / PROCESSES;
    const summaries = await Promise.all(
      Array.from({ length: PROCESSES }, (_, k) =>
        runSeeds(['--from', `${1 + k * share}`, '--count', `${share}`]),
      ),
    );
    for (const { seeds, failures, counts, ...cost } of summaries) {
      expect(failures).toEqual([]);
      expect(seeds).toBe(share);
      // Without repeats, and without clients that began anew, the faults would not have happened.
      expect(counts['published']).toBeGreaterThan(1.05 * counts['needed']);
      expect(counts['delivered']).toBeGreaterThan(counts['needed']);
      expect(counts['snapshots']).toBeGreaterThan(seeds);
      console.log({ seeds, ...cost, counts });
    }
  },
  LIMIT_MS,
);

test(
  'the same seeds leave the same trace in another process',
  async () => {
    const [one, other] = await Promise.all([
      runSeeds(['--from', '7', '--count', '20']),
      runSeeds(['--from', '7', '--count', '20']),
    ]);
    expect(other.traceHash).toBe(one.traceHash);
    const further = await runSeeds(['--from', '8', '--count', '20']);
    expect(further.traceHash).not.toBe(one.traceHash);
  },
  LIMIT_MS,
);
