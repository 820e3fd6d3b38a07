import { PipelineError } from '#shared/errors.ts';

/** The arguments of a replay do not fit together or are not supported. Reaction: tell the user, exit with 2. */
export class ReplayArgumentError extends PipelineError {
  override readonly code = 'REPLAY_ARGUMENT';
}

/** What a replay made is not whole or not what was promised. Reaction: stop; the output is not written. */
export class ReplayFailedError extends PipelineError {
  override readonly code = 'REPLAY_FAILED';
}

/** A forecast changed when only its future was changed. Reaction: the forecasts of this build are not to be trusted. */
export class LookAheadError extends PipelineError {
  override readonly code = 'REPLAY_LOOK_AHEAD';
}

/** A recorded log lacks what its forecasts depend on, or another build folded it. Reaction: stop; it cannot be folded again as it was. */
export class RecordingError extends PipelineError {
  override readonly code = 'REPLAY_RECORDING';
}
