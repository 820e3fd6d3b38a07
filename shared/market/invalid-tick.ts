import { PipelineError } from '../errors.ts';

/** Why a row did not become a tick on the log. The last four are judged by ingest, which knows the ticks before and the time. */
export const REJECT_REASONS = [
  'PRICE_NOT_A_NUMBER',
  'PRICE_NOT_FINITE',
  'PRICE_TOO_LARGE',
  'PRICE_NOT_POSITIVE',
  'SIZE_NOT_A_NUMBER',
  'SIZE_NOT_FINITE',
  'SIZE_TOO_LARGE',
  'SIZE_NEGATIVE',
  'VALUE_NOT_A_NUMBER',
  'VALUE_NOT_FINITE',
  'VALUE_TOO_LARGE',
  'VALUE_NOT_POSITIVE',
  'VALUE_COUNT',
  'BOOK_NOT_A_NUMBER',
  'BOOK_NOT_FINITE',
  'BOOK_TOO_LARGE',
  'BOOK_NOT_POSITIVE',
  'BOOK_CROSSED',
  'TIME_UNREADABLE',
  'TIME_OUT_OF_RANGE',
  'SYMBOL_INVALID',
  'SIDE_UNKNOWN',
  'KIND_UNKNOWN',
  'COLUMN_COUNT',
  'LATE',
  'DUPLICATE',
  'AHEAD',
  'TOO_MANY_SYMBOLS',
] as const;

export type RejectReason = (typeof REJECT_REASONS)[number];

/** A row that is no tick. Reaction: reject it with its reason, or stop, as the setting for bad rows says. */
export class InvalidTickError extends PipelineError {
  override readonly code = 'TICK_INVALID';
  readonly reason: RejectReason;

  /** @param expected a sentence up to "was"; `found` completes it */
  constructor(reason: RejectReason, expected: string, found: unknown) {
    const was = readable(found);
    super(`${expected}, was ${was}`, { reason, was });
    this.reason = reason;
  }
}

const LONGEST = 100;

/** A foreign value as bounded text. */
function readable(found: unknown): string {
  if (typeof found === 'object' && found !== null) {
    return Array.isArray(found) ? `a list of ${found.length}` : 'an object';
  }
  if (typeof found !== 'string') return found === undefined ? 'absent' : String(found);
  if (found === '') return 'empty';
  const text = JSON.stringify(found);
  return text.length <= LONGEST
    ? text
    : `${text.slice(0, LONGEST)}... (${found.length} characters)`;
}
