import type { RawTick, TimeFormat } from '#shared/market/raw-tick.ts';
import type { SymbolName } from '#shared/market/symbol.ts';

/** Reads the lines of one file: knows where its fields are, believes none of them. */
export interface LineReader {
  /** Where the time stands among the fields. */
  readonly timeAt: number;
  /** Null: to be recognised from the first time that can be. */
  readonly timeFormat: TimeFormat | null;
  /** Symbols per group, where lines are rows. */
  readonly groups: Readonly<Record<string, readonly SymbolName[]>>;
  /** @param time already read where it could be, else as it stands in the file */
  rawFrom(fields: readonly string[], time: unknown, timeFormat: TimeFormat): RawTick;
}

/** A line whose fields cannot be told apart. */
export function wrongCount(fields: readonly string[], expected: number): RawTick {
  return {
    kind: 'unreadable',
    reason: 'COLUMN_COUNT',
    message: `a line must have ${expected} columns like the header`,
    found: fields.length,
  };
}
