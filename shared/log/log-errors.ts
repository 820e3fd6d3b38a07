import { PipelineError } from '../errors.ts';

/** The log no longer holds what was asked for. Reaction: stop; a gap is never healed silently. */
export class LogTruncatedError extends PipelineError {
  override readonly code = 'LOG_TRUNCATED';
}

/** The log ends before a position that was saved: it lost records that it had acknowledged. Reaction: stop, start a new run. */
export class LogTailLostError extends PipelineError {
  override readonly code = 'LOG_TAIL_LOST';
}

/** Offsets are missing between what was read before and what came next. Reaction: stop; a gap is never healed silently. */
export class LogGapError extends PipelineError {
  override readonly code = 'LOG_GAP';
}

/** The folder holds another run, or a layout of another version or partition count. Reaction: stop, tell the operator. */
export class LogMismatchError extends PipelineError {
  override readonly code = 'LOG_MISMATCH';
}

/** Another living process has this folder open. Reaction: stop; end that process or choose another folder. */
export class LogLockedError extends PipelineError {
  override readonly code = 'LOG_LOCKED';
}

/** The log was closed while it was in use. Reaction: none, the process is stopping. */
export class LogClosedError extends PipelineError {
  override readonly code = 'LOG_CLOSED';
}

/** The log's storage refused a write: a full disk, a failing device. Reaction: stop; nothing of that write is in the log. */
export class LogWriteError extends PipelineError {
  override readonly code = 'LOG_WRITE_FAILED';
}

/** The brokers know us not, or do not let us do this. Reaction: stop; a second attempt with the same login ends the same way. */
export class LogRefusedError extends PipelineError {
  override readonly code = 'LOG_REFUSED';
}

/** The brokers cannot be reached, or refuse for now. Reaction: try again later; whether an append was kept is not known. */
export class LogUnavailableError extends PipelineError {
  override readonly code = 'LOG_UNAVAILABLE';
  override readonly retriable = true;
}
