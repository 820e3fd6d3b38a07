import { openEnvironment } from '#shared/log/embedded/embedded-environment.ts';
import { openEmbeddedLog } from '#shared/log/embedded/embedded-log.ts';

// A process of its own: opens the folder, appends one tick, says so, and holds the folder until it is killed.
const environment = await openEnvironment({
  folder: process.argv[2],
  partitionCount: 2,
  settings: {},
});
await openEmbeddedLog(environment).append('ticks', 0, [Uint8Array.of(1)]);
process.stdout.write('held\n');
setInterval(() => undefined, 60_000);
