import { asSymbol } from '#shared/market/symbol.ts';
import type { Book, Quote, Row, Trade } from '#shared/market/tick.ts';

type Over<T> = Partial<Omit<T, 'kind' | 'symbol'>> & { readonly symbol?: string };

/** 2024-08-08 00:00 UTC. */
export const MIDNIGHT_NS = 1_723_075_200_000_000_000n;

/** Bid 99.99, ask 100.01, five of each, unless said otherwise. */
export function aBook(over: Partial<Book> = {}): Book {
  return { bid: 99.99, bidSize: 5, ask: 100.01, askSize: 5, ...over };
}

/** The buyer took one of venue:a at 100, the first tick of its feed, unless said otherwise. */
export function aTrade({ symbol = 'venue:a', ...over }: Over<Trade> = {}): Trade {
  return {
    kind: 'trade',
    symbol: asSymbol(symbol),
    feedEpoch: 0,
    seq: 1n,
    eventTimeNs: MIDNIGHT_NS,
    price: 100,
    size: 1,
    side: 1,
    book: null,
    ...over,
  };
}

/** The first quote of venue:a, about 100, unless said otherwise. */
export function aQuote({ symbol = 'venue:a', ...over }: Over<Quote> = {}): Quote {
  return {
    kind: 'quote',
    symbol: asSymbol(symbol),
    feedEpoch: 0,
    seq: 1n,
    eventTimeNs: MIDNIGHT_NS,
    book: aBook(),
    ...over,
  };
}

/** The first line of the group `fx`; NaN stands for a missing cell. */
export function aRow(values: readonly number[], { symbol = 'fx', ...over }: Over<Row> = {}): Row {
  return {
    kind: 'row',
    symbol: asSymbol(symbol),
    feedEpoch: 0,
    seq: 1n,
    eventTimeNs: MIDNIGHT_NS,
    ...over,
    values: Float64Array.from(values),
  };
}
