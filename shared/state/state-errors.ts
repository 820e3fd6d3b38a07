import { PipelineError } from '../errors.ts';

/** Another process now owns the partition. Reaction: stop this owner, drop its memory, do not retry. */
export class StateFencedError extends PipelineError {
  override readonly code = 'STATE_FENCED';
}

/** The store stands at another offset than we folded from. Reaction: drop memory, claim again, fold again. */
export class StateConflictError extends PipelineError {
  override readonly code = 'STATE_CONFLICT';
}

/** The store holds another run's state. Reaction: refuse to start. */
export class StateWrongRunError extends PipelineError {
  override readonly code = 'STATE_WRONG_RUN';
}

/** The store cannot be reached, or refuses writes for want of memory or disk. Reaction: drop memory, claim again later. */
export class StateUnavailableError extends PipelineError {
  override readonly code = 'STATE_UNAVAILABLE';
  override readonly retriable = true;
}

/** The store may throw state away when its memory is full. Reaction: refuse to start. */
export class StateEvictableError extends PipelineError {
  override readonly code = 'STATE_EVICTABLE';
}

/** A snapshot could not be written. Reaction: tell of it and try again at the next; the one before stands. */
export class SnapshotWriteError extends PipelineError {
  override readonly code = 'SNAPSHOT_WRITE_FAILED';
  override readonly retriable = true;
}
