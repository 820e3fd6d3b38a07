import { PipelineError } from '#shared/errors.ts';
import { StateConflictError, StateFencedError } from '#shared/state/state-errors.ts';

/**
 * Whether an error ends a claim only: the store or the log is away for now, or another owner was there. The state is then claimed
 * and folded again. Everything else says that log, state or code are not what they must be, and ends the process.
 */
export function isPassing(error: unknown): error is PipelineError {
  if (!(error instanceof PipelineError)) return false;
  return (
    error.retriable || error instanceof StateFencedError || error instanceof StateConflictError
  );
}
