import { describe, expect, test } from 'vitest';
import { Board, isPrice, newestValue } from '#services/serve/dashboard/board.ts';
import type { WireForecast } from '#shared/wire/message.ts';
import { aWireForecast, WIRE_LEVELS } from '#test/builders/a-wire-forecast.ts';

describe('what the page counts', () => {
  test('a conflated forecast counts those it stands for, and leaves no gap', () => {
    const board = aBoard();
    take(board, aWireForecast(1), aWireForecast(5, { merged: 3 }));
    expect(board).toMatchObject({ updateCount: 5, gapCount: 0, repeatCount: 0 });
  });

  test('a missing and a repeated forecast are seen', () => {
    const board = aBoard();
    take(board, aWireForecast(2), aWireForecast(2));
    expect(board).toMatchObject({ gapCount: 1, repeatCount: 1 });
    expect(board.chosenView()?.outlook?.past.map(({ origin }) => origin)).toEqual([0, 2]);
  });
});

describe('what the page holds', () => {
  test('moves of a price are shares, those of a value are not, however far above zero', () => {
    const board = aBoard();
    take(board, aWireForecast(1, { symbol: 'load', measure: 'value', originValue: 1_000 }));
    const told = [...board.symbols.values()].map((view) => [view.symbol, isPrice(view)]);
    expect(told).toEqual([
      ['a', true],
      ['load', false],
    ]);
  });

  test('a symbol that is known by name or by a tick only is listed, too', () => {
    const board = aBoard();
    board.begin('r', ['b']);
    board.takeTicks([{ symbol: 'c', eventTimeNs: '1', price: 7, bid: null, ask: null, merged: 0 }]);
    expect([...board.symbols.keys()]).toEqual(['a', 'b', 'c']);
    const prices = [...board.symbols.values()].map(newestValue);
    expect(prices).toEqual([100, null, 7]);
  });

  test('the symbols by name are the same list until there are others', () => {
    const board = new Board();
    board.begin('run', ['c', 'a']);
    const before = board.byName;
    expect(before.map(({ symbol }) => symbol)).toEqual(['a', 'c']);
    take(board, aWireForecast(0, { symbol: 'a' }));
    expect(board.byName).toBe(before);
    take(board, aWireForecast(0, { symbol: 'b' }));
    expect(board.byName.map(({ symbol }) => symbol)).toEqual(['a', 'b', 'c']);
    board.begin('another', ['a', 'b', 'c']);
    expect(board.byName.map(({ outlook }) => outlook)).toEqual([null, null, null]);
  });

  test('the newer of tick and forecast is the price', () => {
    const board = aBoard();
    take(board, aWireForecast(5, { originValue: 101 }));
    const tick = { symbol: 'a', price: 99, bid: null, ask: null, merged: 0 };
    board.takeTicks([{ ...tick, eventTimeNs: '4000000000' }]);
    expect(newestValue(viewOf(board))).toBe(101);
    board.takeTicks([{ ...tick, eventTimeNs: '6000000000' }]);
    expect(newestValue(viewOf(board))).toBe(99);
  });

  test('another run forgets the symbols of the one before, a reconnect does not', () => {
    const board = aBoard();
    board.begin('r', ['a']);
    expect(board.chosenView()?.outlook).not.toBeNull();
    board.begin('s', ['z']);
    expect([...board.symbols.keys()]).toEqual(['z']);
  });

  test('a time without connection is marked, from the last forecast before to the first after', () => {
    const board = aBoard();
    take(board, aWireForecast(1));
    board.lose();
    take(board, aWireForecast(9, { merged: 7 }));
    expect(viewOf(board).outlook?.interruptions).toEqual([
      { after: 1, until: 9, kind: 'reconnected' },
    ]);
    expect(board.gapCount).toBe(0);
  });

  test('a snapshot after a loss keeps what was known, and marks the loss', () => {
    const board = aBoard();
    take(board, aWireForecast(1));
    board.lose();
    snapshot(board, aWireForecast(9));
    const outlook = viewOf(board).outlook;
    expect([...(outlook?.forecasts.keys() ?? [])]).toEqual([0, 1, 9]);
    expect(outlook?.interruptions).toEqual([{ after: 1, until: 9, kind: 'reconnected' }]);
  });

  test('older forecasts fill what was missed, in order', () => {
    const board = aBoard();
    take(board, aWireForecast(4, { merged: 3 }));
    const outlook = viewOf(board).outlook;
    outlook?.takeOlder([2, 3, 4].map((origin) => aWireForecast(origin)));
    expect(outlook?.past.map(({ origin }) => origin)).toEqual([0, 2, 3, 4]);
    expect([...(outlook?.forecasts.keys() ?? [])]).toEqual([0, 2, 3, 4]);
  });

  test('knows of a snapshot how old its newest forecast is', () => {
    const board = new Board();
    expect(board.isHolding).toBe(false);
    snapshot(board, aWireForecast(0, { issuedMs: 40_000 }), 100_000);
    expect(board.lastForecastMs).toBe(5_000 - 60_000);
    expect(board.isHolding).toBe(true);
    take(board, aWireForecast(1));
    expect(board.lastForecastMs).toBe(0);
    snapshot(board, aWireForecast(1, { issuedMs: 40_000 }), 100_000);
    expect(board.lastForecastMs).toBe(0);
  });

  test('does not know how old a forecast is that the server read back', () => {
    const board = new Board();
    snapshot(board, aWireForecast(0, { issuedMs: null }), 100_000);
    expect(board.lastForecastMs).toBeNull();
    expect(board.isHolding).toBe(true);
  });
});

function aBoard(): Board {
  const board = new Board();
  snapshot(board, aWireForecast(0));
  board.choose('a');
  board.begin('r', []);
  return board;
}

/** Heard five seconds after the page was opened. */
function snapshot(board: Board, latest: WireForecast, sentMs = 0): void {
  board.takeSnapshot(
    {
      type: 'snapshot',
      sentMs,
      position: { run: 'r', src: {} },
      levels: WIRE_LEVELS,
      forecasts: [latest],
      history: [],
    },
    5_000,
  );
}

function take(board: Board, ...forecasts: readonly WireForecast[]): void {
  board.takeForecasts({ sentMs: 0, levels: WIRE_LEVELS, forecasts }, 0);
}

function viewOf(board: Board) {
  const view = board.chosenView();
  if (view === null) throw new Error('no symbol was chosen');
  return view;
}
