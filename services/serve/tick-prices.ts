import { ticksOfRow } from '#shared/forecast/row-ticks.ts';
import type { BeginControl } from '#shared/market/control.ts';
import { asSymbol, type SymbolName } from '#shared/market/symbol.ts';
import type { Book, Quote, Row, Tick, Trade } from '#shared/market/tick.ts';
import type { WireTick } from '#shared/wire/message.ts';

/** Turns tick records into what a list shows: last price, best bid and ask. Rows are split into their symbols. */
export class TickPrices {
  readonly #columns = new Map<string, readonly SymbolName[]>();
  readonly #lastTrade = new Map<string, number>();
  readonly #book = new Map<string, Book>();

  /** Names the columns of the groups that arrive as rows. */
  begin(control: BeginControl): void {
    for (const [group, names] of Object.entries(control.groups ?? {})) {
      this.#columns.set(group, names.map(asSymbol));
    }
  }

  ticksOf(tick: Tick): WireTick[] {
    if (tick.kind === 'row') return this.#rowTicks(tick);
    return [tick.kind === 'trade' ? this.#trade(tick) : this.#quote(tick)];
  }

  #rowTicks(row: Row): WireTick[] {
    return ticksOfRow(row, this.#columns.get(row.symbol) ?? []).map((tick) => this.#trade(tick));
  }

  #trade(tick: Trade): WireTick {
    this.#lastTrade.set(tick.symbol, tick.price);
    if (tick.book !== null) this.#book.set(tick.symbol, tick.book);
    return wireTick(tick, tick.price, this.#book.get(tick.symbol));
  }

  #quote(tick: Quote): WireTick {
    this.#book.set(tick.symbol, tick.book);
    const mid = (tick.book.bid + tick.book.ask) / 2;
    return wireTick(tick, this.#lastTrade.get(tick.symbol) ?? mid, tick.book);
  }
}

function wireTick(tick: Tick, price: number, book: Book | undefined): WireTick {
  return {
    symbol: tick.symbol,
    eventTimeNs: `${tick.eventTimeNs}`,
    price,
    bid: book?.bid ?? null,
    ask: book?.ask ?? null,
    merged: 0,
  };
}
