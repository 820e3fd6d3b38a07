import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { countsReporter } from './reporter.ts';

/** The brokers that tests of these projects share, started when one asks. */
const brokers = 'test/brokers/shared-brokers.ts';
const root = resolve(import.meta.dirname, '..');

/** One project per rung of the test ladder; `npm test` runs them all, one file at a time where processes meet. */
export default defineConfig({
  root,
  test: {
    reporters: ['default', countsReporter()],
    projects: [
      { extends: true, test: { name: 'architecture', include: ['test/architecture/*.test.ts'] } },
      {
        extends: true,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 20_000 },
      },
      {
        extends: true,
        test: {
          name: 'simulation',
          include: ['test/simulation/*.sim.test.ts'],
          testTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          globalSetup: brokers,
          // A first asker waits for a broker's start.
          hookTimeout: 120_000,
          include: ['test/integration/*.int.test.ts'],
          testTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          globalSetup: brokers,
          // A first asker waits for a broker's start.
          hookTimeout: 120_000,
          include: ['test/system/*.sys.test.ts'],
          testTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/*.browser.test.ts'],
          testTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
