import { InvalidTickError } from './invalid-tick.ts';
import type { Measure } from './measure.ts';
import { eventTimeFrom } from './parse-event-time.ts';
import { isMissing, isNotANumber, numberFrom } from './parse-number.ts';
import type { RawQuote, RawRow, RawTick, RawTrade } from './raw-tick.ts';
import { asSymbol, InvalidSymbolError, type SymbolName } from './symbol.ts';
import type { Book, FeedNumber, Quote, Row, Tick, Trade } from './tick.ts';

/**
 * The one door: every field is checked here, and behind it nobody asks again. A price, value, bid or ask must be above zero
 * where the measure is `price`, and a bid must not be above the ask (a locked book is legal).
 *
 * @throws InvalidTickError `TICK_INVALID` with the reason, what was expected and what was found
 */
export function tickFrom(raw: RawTick, number: FeedNumber, measure: Measure): Tick {
  if (raw.kind === 'trade') return tradeFrom(raw, number, measure);
  if (raw.kind === 'quote') return quoteFrom(raw, number, measure);
  if (raw.kind === 'row') return rowFrom(raw, number, measure);
  throw new InvalidTickError(raw.reason, raw.message, raw.found);
}

function tradeFrom(raw: RawTrade, number: FeedNumber, measure: Measure): Trade {
  const price = numberFrom(raw.price, 'PRICE', 'price');
  if (measure === 'price' && price <= 0) {
    throw new InvalidTickError('PRICE_NOT_POSITIVE', 'price must be above zero', raw.price);
  }
  return {
    kind: 'trade',
    symbol: symbolFrom(raw.symbol),
    feedEpoch: number.feedEpoch,
    seq: number.seq,
    eventTimeNs: eventTimeFrom(raw.time, raw.timeFormat),
    price,
    size: sizeFrom(raw.size, 'size'),
    side: sideFrom(raw),
    book: isMissing(raw.bid) && isMissing(raw.ask) ? null : bookFrom(raw, measure),
  };
}

function quoteFrom(raw: RawQuote, number: FeedNumber, measure: Measure): Quote {
  return {
    kind: 'quote',
    symbol: symbolFrom(raw.symbol),
    feedEpoch: number.feedEpoch,
    seq: number.seq,
    eventTimeNs: eventTimeFrom(raw.time, raw.timeFormat),
    book: bookFrom(raw, measure),
  };
}

function rowFrom(raw: RawRow, number: FeedNumber, measure: Measure): Row {
  if (raw.values.length !== raw.columns.length) {
    const expected = `a row of ${String(raw.symbol)} must have ${raw.columns.length} values`;
    throw new InvalidTickError('VALUE_COUNT', expected, raw.values.length);
  }
  return {
    kind: 'row',
    symbol: symbolFrom(raw.symbol),
    feedEpoch: number.feedEpoch,
    seq: number.seq,
    eventTimeNs: eventTimeFrom(raw.time, raw.timeFormat),
    values: Float64Array.from(raw.values, (cell, at) => cellFrom(cell, raw.columns[at], measure)),
  };
}

function cellFrom(raw: unknown, column: string, measure: Measure): number {
  if (isMissing(raw) || isNotANumber(raw)) return Number.NaN;
  const value = numberFrom(raw, 'VALUE', column);
  if (measure === 'price' && value <= 0) {
    throw new InvalidTickError('VALUE_NOT_POSITIVE', `${column} must be above zero`, raw);
  }
  return value;
}

function bookFrom(raw: RawTrade | RawQuote, measure: Measure): Book {
  const bid = numberFrom(raw.bid, 'BOOK', 'bid');
  const ask = numberFrom(raw.ask, 'BOOK', 'ask');
  if (measure === 'price' && (bid <= 0 || ask <= 0)) {
    const expected = 'bid and ask must be above zero';
    throw new InvalidTickError('BOOK_NOT_POSITIVE', expected, `${bid} and ${ask}`);
  }
  if (measure === 'price' && bid > ask) {
    const expected = 'bid must not be above ask';
    throw new InvalidTickError('BOOK_CROSSED', expected, `${bid} above ${ask}`);
  }
  const bidSize = sizeFrom(raw.bidSize, 'bid size');
  return { bid, bidSize, ask, askSize: sizeFrom(raw.askSize, 'ask size') };
}

function sizeFrom(raw: unknown, name: string): number {
  if (isMissing(raw)) return 0;
  const size = numberFrom(raw, 'SIZE', name);
  if (size < 0) throw new InvalidTickError('SIZE_NEGATIVE', `${name} must not be below zero`, raw);
  return size;
}

const SIDES = new Map<unknown, Trade['side']>([
  [1, 1],
  [-1, -1],
  [0, 0],
  ['buy', 1],
  ['sell', -1],
]);

// The maker waits in the book: where the buyer made, the seller took.
const TAKER_WHERE_BUYER_IS_MAKER = new Map<unknown, Trade['side']>([
  ['1', -1],
  ['true', -1],
  [true, -1],
  ['0', 1],
  ['false', 1],
  [false, 1],
]);

function sideFrom(raw: RawTrade): Trade['side'] {
  if (!isMissing(raw.side)) {
    const side = SIDES.get(raw.side);
    if (side !== undefined) return side;
    throw new InvalidTickError('SIDE_UNKNOWN', 'side must be buy, sell, 1, -1 or 0', raw.side);
  }
  if (isMissing(raw.buyerIsMaker)) return 0;
  const taker = TAKER_WHERE_BUYER_IS_MAKER.get(raw.buyerIsMaker);
  if (taker !== undefined) return taker;
  const expected = 'buyer is maker must be 1, 0, true or false';
  throw new InvalidTickError('SIDE_UNKNOWN', expected, raw.buyerIsMaker);
}

function symbolFrom(raw: unknown): SymbolName {
  try {
    return asSymbol(typeof raw === 'string' ? raw : '');
  } catch (cause) {
    if (!(cause instanceof InvalidSymbolError)) throw cause;
    const expected = 'symbol must be 1 to 64 characters of A-Z a-z 0-9 . _ : / -';
    throw new InvalidTickError('SYMBOL_INVALID', expected, raw);
  }
}
