import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  type Environment,
  type EnvironmentOptions,
  openEnvironment,
} from '#shared/log/embedded/embedded-environment.ts';

/** An lmdb environment in a temporary folder, with its restarts; closed and gone when the test has ended. */
export interface EnvironmentUnderTest {
  readonly folder: string;
  readonly environment: Environment;
  /** Closes the one before, opens the folder again. */
  readonly reopen: (over?: Partial<EnvironmentOptions>) => Promise<Environment>;
}

/** Two partitions and no settings, unless said otherwise. */
export async function anEnvironment(
  over: Partial<EnvironmentOptions> = {},
): Promise<EnvironmentUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'foretick-'));
  const options = { folder, partitionCount: 2, settings: {}, ...over };
  let environment = await openEnvironment(options);
  onTestFinished(async () => {
    await environment.close();
    await rm(folder, { recursive: true });
  });
  return {
    folder,
    environment,
    reopen: async (changed = {}) => {
      await environment.close();
      environment = await openEnvironment({ ...options, ...changed });
      return environment;
    },
  };
}
