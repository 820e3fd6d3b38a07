/**
 * The one base of every error we throw on purpose. `code` is stable (`AREA_WHAT`, listed in docs/operations.md); `retriable`
 * tells the caller whether the same call may succeed later; `details` holds what was expected, what was found, and where.
 */
export abstract class PipelineError extends Error {
  abstract readonly code: string;
  readonly retriable: boolean = false;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, details: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.details = details;
  }
}

/** Bytes that we wrote ourselves do not read back: checksum, length or version is wrong. Reaction: stop the partition. */
export class CorruptBytesError extends PipelineError {
  override readonly code = 'BYTES_CORRUPT';
}
