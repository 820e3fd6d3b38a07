import { PipelineError } from '#shared/errors.ts';

/** A boundary switched to a model that the store does not hold. Reaction: restore the store; the trainer cannot refold without it. */
export class TrainModelMissingError extends PipelineError {
  override readonly code = 'TRAIN_MODEL_MISSING';
}

/** What stands on `models` or `ticks` is no history that a trainer writes. Reaction: stop, tell the operator. */
export class TrainHistoryError extends PipelineError {
  override readonly code = 'TRAIN_HISTORY_BROKEN';
}

/** The worker thread ended, or its work threw. Reaction: the service fails; a restart refolds the log. */
export class TrainWorkerError extends PipelineError {
  override readonly code = 'TRAIN_WORKER_FAILED';
}

/** The service was stopped while a boundary was awaited. Reaction: none, the process is stopping. */
export class TrainStoppedError extends PipelineError {
  override readonly code = 'TRAIN_STOPPED';
}

/** Another train process works on the same run, and came first. Reaction: end this one; it may stand by and be started again. */
export class TrainOvertakenError extends PipelineError {
  override readonly code = 'TRAIN_OVERTAKEN';
}
