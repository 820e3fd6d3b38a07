import { PipelineError } from '#shared/errors.ts';

/** An argument of `foretick diagnose` is out of range, or its picture cannot be written. Reaction: tell the user, exit with 2. */
export class DiagnoseArgumentError extends PipelineError {
  override readonly code = 'DIAGNOSE_ARGUMENT';
}
