import { runService } from '#services/distributed/service.ts';
import { reportFailure } from '#shared/runtime/report-failure.ts';

const exitCode = await runService('ingest', process.env).catch((error: unknown) =>
  reportFailure(error),
);
// Handles that a hung service left open must not keep a stopped process alive.
process.exit(exitCode);
