import { PipelineError } from '../errors.ts';
import { SettingsError } from './settings-error.ts';

/** Stable: scripts rely on them. */
export const EXIT_CODES = { ok: 0, failed: 1, usage: 2, thresholdNotMet: 3 } as const;

/** What another start with the same settings would meet again: supervisors do not restart on its exit code. */
const FOR_THE_OPERATOR = /_ARGUMENT$|^LOG_REFUSED$/;

/**
 * Says on stderr what went wrong: one line `foretick: CODE message` with its details for an error of ours, the stack for a fault.
 *
 * @returns the exit code
 */
export function reportFailure(
  error: unknown,
  write: (text: string) => void = (text) => void process.stderr.write(text),
): number {
  if (!(error instanceof PipelineError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    write(`foretick: a fault of foretick itself: ${text}\n`);
    return EXIT_CODES.failed;
  }
  write(`foretick: ${error.code} ${error.message}\n`);
  if (error instanceof SettingsError) return EXIT_CODES.usage;
  const details = Object.entries(error.details).filter(([, value]) => value !== undefined);
  for (const [name, value] of details) write(`  ${name}: ${shown(value)}\n`);
  return FOR_THE_OPERATOR.test(error.code) ? EXIT_CODES.usage : EXIT_CODES.failed;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? `${inner}` : inner,
  );
}
