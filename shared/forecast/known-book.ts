import { ewmaRate, ewmaStep } from '#shared/features/ewma.ts';
import type { BookNews } from '#shared/features/feature.ts';
import type { Book } from '#shared/market/tick.ts';
import { ln } from '#shared/numeric/elementary.ts';
import type { Mutable } from './mutable.ts';

const BID = 0;
const BID_SIZE = 1;
const ASK = 2;
const ASK_SIZE = 3;
const FLOW = 4;
const UPDATES = 5;
const MIDDLE_VARIANCE = 6;
const UPDATE_COUNT = 7;
/** Middle of the book at the event before; NaN where none was known. */
const MIDDLE_THEN = 8;

const RATE_20 = ewmaRate(20);

/**
 * Best bid and ask of one symbol as last received, and what has become of them since the last forecast event. All state lies in the
 * caller's slots.
 */
export class KnownBook {
  readonly slots = 9;
  readonly #isPrice: boolean;

  /** @param isPrice offsets are basis points of log return, else differences */
  constructor(isPrice: boolean) {
    this.#isPrice = isPrice;
  }

  begin(state: Float64Array, at: number): void {
    state[at + BID] = Number.NaN;
    state[at + MIDDLE_THEN] = Number.NaN;
  }

  take(state: Float64Array, at: number, book: Book): void {
    if (this.isKnown(state, at) && !isSame(state, at, book)) this.#takeChange(state, at, book);
    state[at + BID] = book.bid;
    state[at + BID_SIZE] = book.bidSize;
    state[at + ASK] = book.ask;
    state[at + ASK_SIZE] = book.askSize;
  }

  isKnown(state: Float64Array, at: number): boolean {
    return !Number.isNaN(state[at + BID]);
  }

  read(state: Float64Array, at: number, into: Mutable<Book>): void {
    into.bid = state[at + BID];
    into.bidSize = state[at + BID_SIZE];
    into.ask = state[at + ASK];
    into.askSize = state[at + ASK_SIZE];
  }

  /** What is new since the call before; a call begins the next span. */
  takeNews(state: Float64Array, at: number, into: BookNews): void {
    const middle = (state[at + BID] + state[at + ASK]) / 2;
    const then = state[at + MIDDLE_THEN];
    const change = this.#change(then, middle);
    into.flow = state[at + FLOW];
    into.updates = state[at + UPDATES];
    into.middleChange = Number.isNaN(change) ? 0 : change;
    into.middleVariance = state[at + MIDDLE_VARIANCE];
    state[at + FLOW] = 0;
    state[at + UPDATES] = 0;
    state[at + MIDDLE_THEN] = middle;
  }

  #takeChange(state: Float64Array, at: number, book: Book): void {
    const [bid, ask] = [state[at + BID], state[at + ASK]];
    let flow = 0;
    if (book.bid >= bid) flow += book.bidSize;
    if (book.bid <= bid) flow -= state[at + BID_SIZE];
    if (book.ask <= ask) flow -= book.askSize;
    if (book.ask >= ask) flow += state[at + ASK_SIZE];
    state[at + FLOW] += flow;
    state[at + UPDATES] += 1;
    const count = state[at + UPDATE_COUNT] + 1;
    const move = this.#change((bid + ask) / 2, (book.bid + book.ask) / 2);
    state[at + UPDATE_COUNT] = count;
    state[at + MIDDLE_VARIANCE] = ewmaStep(
      state[at + MIDDLE_VARIANCE],
      move * move,
      RATE_20,
      count,
    );
  }

  #change(from: number, to: number): number {
    return this.#isPrice ? 1e4 * ln(to / from) : to - from;
  }
}

function isSame(state: Float64Array, at: number, book: Book): boolean {
  return (
    book.bid === state[at + BID] &&
    book.ask === state[at + ASK] &&
    book.bidSize === state[at + BID_SIZE] &&
    book.askSize === state[at + ASK_SIZE]
  );
}
