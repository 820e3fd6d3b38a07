import { PipelineError } from '#shared/errors.ts';

/** The model that was asked for is not in the store. Reaction: ask for one that `model list` names. */
export class ModelUnknownError extends PipelineError {
  override readonly code = 'MODEL_UNKNOWN';
}
