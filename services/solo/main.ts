import { reportFailure } from '#shared/runtime/report-failure.ts';
import { runSolo } from './service.ts';

const out = (text: string): void => void process.stdout.write(text);
const err = (text: string): void => void process.stderr.write(text);

const exitCode = await runSolo(process.env, out).catch((error: unknown) =>
  reportFailure(error, err),
);
// Handles that a hung service left open must not keep a stopped process alive.
process.exit(exitCode);
