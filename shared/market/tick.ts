import type { SymbolName } from './symbol.ts';

/** Best bid and ask with their sizes, as known when the tick that carries them was received. */
export interface Book {
  readonly bid: number;
  readonly bidSize: number;
  readonly ask: number;
  readonly askSize: number;
}

/** A source's own numbering: `feedEpoch` is one life of the feed, `seq` counts its ticks from 1. */
export interface FeedNumber {
  readonly feedEpoch: number;
  readonly seq: bigint;
}

/** One trade, or one value of a series that has no order book. */
export interface Trade extends FeedNumber {
  readonly kind: 'trade';
  readonly symbol: SymbolName;
  /** Nanoseconds since 1970 UTC; the time that the feed orders by. */
  readonly eventTimeNs: bigint;
  /** Quote currency (`price`) or raw units (`value`). */
  readonly price: number;
  /** Traded quantity; 0 where the source gives none. */
  readonly size: number;
  /** +1 the buyer took, -1 the seller took, 0 unknown. */
  readonly side: -1 | 0 | 1;
  readonly book: Book | null;
}

/** One change of the best bid or ask. */
export interface Quote extends FeedNumber {
  readonly kind: 'quote';
  readonly symbol: SymbolName;
  readonly eventTimeNs: bigint;
  readonly book: Book;
}

/** One line of a wide file: the values of a group's symbols at one event time, in the order of the group's `begin` record. */
export interface Row extends FeedNumber {
  readonly kind: 'row';
  /** The group's name. */
  readonly symbol: SymbolName;
  readonly eventTimeNs: bigint;
  /** NaN marks a missing cell, which makes no tick. */
  readonly values: Float64Array;
}

export type Tick = Trade | Quote | Row;
