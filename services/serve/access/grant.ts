import { type SymbolFilter, symbolFilter } from '../symbol-filter.ts';

/** What a client may see, and until when. */
export interface Grant {
  /** Who it is, for the log. */
  readonly subject: string;
  /** Milliseconds since 1970 UTC; infinite where no token is asked for. */
  readonly expiresMs: number;
  /** Names and patterns. */
  readonly allowed: readonly string[];
  readonly filter: SymbolFilter;
}

/** Where no token is asked for. */
export const OPEN_GRANT: Grant = grantOf('anyone on this machine', Number.POSITIVE_INFINITY, ['*']);

export function grantOf(subject: string, expiresMs: number, allowed: readonly string[]): Grant {
  return { subject, expiresMs, allowed, filter: symbolFilter(allowed) };
}
