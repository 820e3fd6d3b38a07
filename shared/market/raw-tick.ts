import type { RejectReason } from './invalid-tick.ts';

/** How a raw time is written. `index` counts steps of `intervalNs` from 0, where a file has no dates. */
export type TimeFormat = 'ns' | 'ms' | 'date' | { readonly intervalNs: bigint };

interface RawEvent {
  readonly symbol: unknown;
  readonly time: unknown;
  readonly timeFormat: TimeFormat;
  /** The best bid and ask; absent, null or empty: not known. */
  readonly bid?: unknown;
  readonly bidSize?: unknown;
  readonly ask?: unknown;
  readonly askSize?: unknown;
}

export interface RawTrade extends RawEvent {
  readonly kind: 'trade';
  readonly price: unknown;
  readonly size?: unknown;
  /** `buy`, `sell`, 1, -1 or 0. Or else `buyerIsMaker`: then the seller took. */
  readonly side?: unknown;
  readonly buyerIsMaker?: unknown;
}

export interface RawQuote extends RawEvent {
  readonly kind: 'quote';
}

/** One line of a wide file; `symbol` is the group. */
export interface RawRow {
  readonly kind: 'row';
  readonly symbol: unknown;
  readonly time: unknown;
  readonly timeFormat: TimeFormat;
  /** Null, undefined and the empty text are missing cells. */
  readonly values: readonly unknown[];
  /** Names of the values, for messages. */
  readonly columns: readonly string[];
}

/** A line in which the source could not even find the fields. */
export interface RawUnreadable {
  readonly kind: 'unreadable';
  readonly reason: RejectReason;
  /** What was expected and what was found. */
  readonly message: string;
  readonly found: unknown;
}

/** What a source delivers before anything about it is believed. `tickFrom` is the only way from here to a Tick. */
export type RawTick = RawTrade | RawQuote | RawRow | RawUnreadable;
