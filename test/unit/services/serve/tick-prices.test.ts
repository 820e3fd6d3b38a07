import { expect, test } from 'vitest';
import { TickPrices } from '#services/serve/tick-prices.ts';
import { asSymbol } from '#shared/market/symbol.ts';
import type { Quote, Row, Trade } from '#shared/market/tick.ts';

const BOOK = { bid: 9, bidSize: 1, ask: 11, askSize: 1 };
const HEAD = { symbol: asSymbol('a'), feedEpoch: 1, seq: 1n, eventTimeNs: 5n };
const TRADE: Trade = { ...HEAD, kind: 'trade', price: 10.5, size: 1, side: 1, book: null };
const QUOTE: Quote = { ...HEAD, kind: 'quote', book: BOOK };

test('before the first trade the price is the mid price, then the last trade', () => {
  const prices = new TickPrices();
  expect(prices.ticksOf(QUOTE)).toMatchObject([{ price: 10, bid: 9, ask: 11 }]);
  expect(prices.ticksOf(TRADE)).toMatchObject([{ price: 10.5, bid: 9, ask: 11 }]);
  expect(prices.ticksOf({ ...QUOTE, book: { ...BOOK, bid: 8 } })).toMatchObject([
    { price: 10.5, bid: 8, ask: 11 },
  ]);
});

test('a row becomes one tick per cell that is there, named by its group', () => {
  const prices = new TickPrices();
  const row: Row = { ...HEAD, kind: 'row', values: Float64Array.of(1, Number.NaN, 3) };
  expect(prices.ticksOf(row)).toEqual([]);
  prices.begin({ kind: 'begin', groups: { a: ['x', 'y', 'z'] } });
  expect(prices.ticksOf(row)).toMatchObject([
    { symbol: 'x', price: 1, bid: null },
    { symbol: 'z', price: 3 },
  ]);
});
