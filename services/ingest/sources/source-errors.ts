import { PipelineError } from '#shared/errors.ts';

/** The input names no data file that can be read. Reaction: name another one. */
export class SourceInputError extends PipelineError {
  override readonly code = 'SOURCE_INPUT';
}

/** A file's bytes are no gzip, end too early, or are no CSV. Reaction: fetch the file again. */
export class SourceUnreadableError extends PipelineError {
  override readonly code = 'SOURCE_UNREADABLE';
}

/** A file without a row. Reaction: name another one. */
export class SourceEmptyError extends PipelineError {
  override readonly code = 'SOURCE_EMPTY';
}

/** A header that does not fit the layout. Reaction: choose the layout, or name the columns. */
export class SourceColumnsError extends PipelineError {
  override readonly code = 'SOURCE_COLUMNS';
}

/** Rows were asked for in a way that the source does not promise. Reaction: a fault in the composition. */
export class SourceUseError extends PipelineError {
  override readonly code = 'SOURCE_USE';
}
