import { PipelineError } from '#shared/errors.ts';
import type { InvalidTickError } from '#shared/market/invalid-tick.ts';

/** A row is no tick, and bad rows are to end the run. Reaction: mend the file, or let bad rows be rejected. */
export class InvalidRowError extends PipelineError {
  override readonly code = 'ROW_INVALID';

  constructor(where: string, cause: InvalidTickError) {
    super(`${where}: ${cause.message} (${cause.reason})`, { where, ...cause.details }, cause);
  }
}

/**
 * The source gives another tick under a number that the log has: rows would be lost or repeated. Reaction: start with the input of
 * before (lines may be added at its end), or with a new folder.
 */
export class SourceChangedError extends PipelineError {
  override readonly code = 'INGEST_SOURCE_CHANGED';
}

/** The log began with other settings than this start has. Reaction: start with the old ones, or with a new folder. */
export class BeginChangedError extends PipelineError {
  override readonly code = 'INGEST_BEGIN_CHANGED';
}
