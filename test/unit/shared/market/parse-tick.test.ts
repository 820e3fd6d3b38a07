import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidTickError } from '#shared/market/invalid-tick.ts';
import type { Measure } from '#shared/market/measure.ts';
import { tickFrom } from '#shared/market/parse-tick.ts';
import type { RawQuote, RawRow, RawTick, RawTrade } from '#shared/market/raw-tick.ts';

const NUMBER = { feedEpoch: 3, seq: 17n };

const rawTrade = (changes: Partial<RawTrade> = {}): RawTrade => ({
  kind: 'trade',
  symbol: 'SIM:A',
  time: '1723161254087891268',
  timeFormat: 'ns',
  price: '61837.63000000',
  size: '0.02',
  buyerIsMaker: '1',
  ...changes,
});

const rawQuote = (changes: Partial<RawQuote> = {}): RawQuote => ({
  kind: 'quote',
  symbol: 'SIM:A',
  time: 1_700_000_000_000_000_000n,
  timeFormat: 'ns',
  bid: '99.5',
  bidSize: '3',
  ask: '100',
  askSize: '4',
  ...changes,
});

const rawRow = (values: readonly unknown[], changes: Partial<RawRow> = {}): RawRow => ({
  kind: 'row',
  symbol: 'ETTh1',
  time: '2016-07-01 01:00:00',
  timeFormat: 'date',
  values,
  columns: ['HUFL', 'OT'],
  ...changes,
});

function refusal(raw: RawTick, measure: Measure = 'price'): string {
  try {
    tickFrom(raw, NUMBER, measure);
  } catch (error) {
    if (error instanceof InvalidTickError) return `${error.reason}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('what is a tick', () => {
  test('a trade keeps its number, time, price, size and the side that took', () => {
    expect(tickFrom(rawTrade(), NUMBER, 'price')).toEqual({
      kind: 'trade',
      symbol: 'SIM:A',
      feedEpoch: 3,
      seq: 17n,
      eventTimeNs: 1723161254087891268n,
      price: 61837.63,
      size: 0.02,
      side: -1,
      book: null,
    });
  });

  test('a trade may carry the book, and absent sizes are 0', () => {
    const tick = tickFrom(rawTrade({ size: '', bid: '1', ask: 2 }), NUMBER, 'price');
    expect(tick).toMatchObject({ size: 0, book: { bid: 1, bidSize: 0, ask: 2, askSize: 0 } });
  });

  test.each([
    [{ buyerIsMaker: '0' }, 1],
    [{ buyerIsMaker: true }, -1],
    [{ buyerIsMaker: '' }, 0],
    [{ side: 'buy', buyerIsMaker: undefined }, 1],
    [{ side: -1, buyerIsMaker: undefined }, -1],
  ])('%j means side %i', (changes, side) => {
    expect(tickFrom(rawTrade(changes), NUMBER, 'price')).toMatchObject({ side });
  });

  test('a locked book is legal, a quote of values may be negative', () => {
    expect(tickFrom(rawQuote({ bid: '100' }), NUMBER, 'price')).toMatchObject({
      book: { bid: 100, ask: 100 },
    });
    expect(tickFrom(rawQuote({ bid: '-2', ask: '-1' }), NUMBER, 'value')).toMatchObject({
      book: { bid: -2 },
    });
  });

  test.each(['NaN', 'nan', Number.NaN, null])('a cell of a row that is %j is missing', (cell) => {
    const row = tickFrom(rawRow([cell, '7']), NUMBER, 'price');
    expect(row.kind === 'row' && [...row.values]).toEqual([Number.NaN, 7]);
  });

  test('an empty cell of a row is missing, all other cells are numbers', () => {
    const row = tickFrom(rawRow(['', '-1e3']), NUMBER, 'value');
    expect(row).toMatchObject({ symbol: 'ETTh1', eventTimeNs: 1467334800000000000n });
    expect(row.kind === 'row' && [...row.values]).toEqual([Number.NaN, -1000]);
  });

  test('zero and negative values pass where the measure is value', () => {
    expect(tickFrom(rawTrade({ price: '-3.5' }), NUMBER, 'value')).toMatchObject({ price: -3.5 });
    expect(tickFrom(rawTrade({ price: 0 }), NUMBER, 'value')).toMatchObject({ price: 0 });
  });

  test('every number of usual size comes back as it was printed', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e30, max: 1e30 }), (price) => {
        const tick = tickFrom(rawTrade({ price: String(price) }), NUMBER, 'value');
        expect(tick.kind === 'trade' && tick.price === price).toBe(true);
      }),
    );
  });
});

describe('what is none', () => {
  test.each([
    [{ price: 'NaN' }, 'PRICE_NOT_FINITE: price must be finite, was "NaN"'],
    [{ price: Number.NaN }, 'PRICE_NOT_FINITE: price must be finite, was NaN'],
    [{ price: '-Infinity' }, 'PRICE_NOT_FINITE: price must be finite, was "-Infinity"'],
    [{ price: '1e999' }, 'PRICE_NOT_FINITE: price must be finite, was "1e999"'],
    [{ price: '1e31' }, 'PRICE_TOO_LARGE: price must be within ±1e+30, was "1e31"'],
    [{ price: '0' }, 'PRICE_NOT_POSITIVE: price must be above zero, was "0"'],
    [{ price: '-0' }, 'PRICE_NOT_POSITIVE: price must be above zero, was "-0"'],
    [{ price: -5 }, 'PRICE_NOT_POSITIVE: price must be above zero, was -5'],
    [{ price: '' }, 'PRICE_NOT_A_NUMBER: price must be a decimal number, was empty'],
    [{ price: ' 1' }, 'PRICE_NOT_A_NUMBER: price must be a decimal number, was " 1"'],
    [{ price: '0x10' }, 'PRICE_NOT_A_NUMBER: price must be a decimal number, was "0x10"'],
    [{ price: '1,5' }, 'PRICE_NOT_A_NUMBER: price must be a decimal number, was "1,5"'],
    [{ price: undefined }, 'PRICE_NOT_A_NUMBER: price must be a decimal number, was absent'],
    [{ price: true }, 'PRICE_NOT_A_NUMBER: price must be a decimal number, was true'],
    [{ price: [1] }, 'PRICE_NOT_A_NUMBER: price must be a decimal number, was a list of 1'],
    [{ size: '-1' }, 'SIZE_NEGATIVE: size must not be below zero, was "-1"'],
    [{ size: 'nan' }, 'SIZE_NOT_FINITE: size must be finite, was "nan"'],
    [{ size: 'many' }, 'SIZE_NOT_A_NUMBER: size must be a decimal number, was "many"'],
    [
      { symbol: '' },
      'SYMBOL_INVALID: symbol must be 1 to 64 characters of A-Z a-z 0-9 . _ : / -, was empty',
    ],
    [
      { symbol: 7 },
      'SYMBOL_INVALID: symbol must be 1 to 64 characters of A-Z a-z 0-9 . _ : / -, was 7',
    ],
    [{ buyerIsMaker: '2' }, 'SIDE_UNKNOWN: buyer is maker must be 1, 0, true or false, was "2"'],
    [{ side: 'long' }, 'SIDE_UNKNOWN: side must be buy, sell, 1, -1 or 0, was "long"'],
    [{ time: '17.5' }, 'TIME_UNREADABLE: time must be whole nanoseconds, was "17.5"'],
    [
      { time: '9999999999999999999' },
      'TIME_OUT_OF_RANGE: time must lie within 1677 and 2262, was "9999999999999999999"',
    ],
  ])('a trade with %j is refused', (changes, expected) => {
    expect(refusal(rawTrade(changes))).toBe(expected);
  });

  test.each([
    [{ bid: '101' }, 'BOOK_CROSSED: bid must not be above ask, was "101 above 100"'],
    [{ bid: '0' }, 'BOOK_NOT_POSITIVE: bid and ask must be above zero, was "0 and 100"'],
    [{ ask: '' }, 'BOOK_NOT_A_NUMBER: ask must be a decimal number, was empty'],
    [{ ask: 'inf' }, 'BOOK_NOT_FINITE: ask must be finite, was "inf"'],
    [{ askSize: '-1' }, 'SIZE_NEGATIVE: ask size must not be below zero, was "-1"'],
  ])('a quote with %j is refused', (changes, expected) => {
    expect(refusal(rawQuote(changes))).toBe(expected);
  });

  test('a row names the column that is at fault', () => {
    expect(refusal(rawRow(['1', 'x']), 'value')).toBe(
      'VALUE_NOT_A_NUMBER: OT must be a decimal number, was "x"',
    );
    expect(refusal(rawRow(['1', 'inf']), 'value')).toBe(
      'VALUE_NOT_FINITE: OT must be finite, was "inf"',
    );
    expect(refusal(rawRow(['1', '-2e30']), 'value')).toBe(
      'VALUE_TOO_LARGE: OT must be within ±1e+30, was "-2e30"',
    );
    expect(refusal(rawRow(['1', '0']))).toBe('VALUE_NOT_POSITIVE: OT must be above zero, was "0"');
    expect(refusal(rawRow(['1']))).toBe('VALUE_COUNT: a row of ETTh1 must have 2 values, was 1');
  });

  test('a line without fields is refused with what its source says', () => {
    const raw: RawTick = {
      kind: 'unreadable',
      reason: 'COLUMN_COUNT',
      message: 'a line must have 11 columns',
      found: 3,
    };
    expect(refusal(raw)).toBe('COLUMN_COUNT: a line must have 11 columns, was 3');
  });

  test('a message never grows with what was found', () => {
    expect(refusal(rawTrade({ price: 'x'.repeat(100_000) })).length).toBeLessThan(250);
  });

  test('no text and no value whatever makes anything but a tick or a refusal', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (price, time, symbol) => {
        const changes = { price, time, symbol, bid: price, ask: symbol, side: time };
        expect(refusal(rawTrade(changes))).toMatch(/^(none|[A-Z_]+: .+)$/s);
      }),
    );
  });
});
