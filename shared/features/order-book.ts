import type { Book } from '#shared/market/tick.ts';
import { ln, tanh } from '#shared/numeric/elementary.ts';
import { ewmaRate, ewmaStep } from './ewma.ts';
import type { Feature, FeatureEvent } from './feature.ts';

const RATE_10 = ewmaRate(10);
const RATE_2000 = ewmaRate(2000);
const INPUTS = 8;

const IMBALANCE = 0;
const TOTAL_SIZE = 1;
/** Events with a book so far; it may come later than the symbol's first event. */
const BOOK_COUNT = 2;

/**
 * What the best bid and ask say of the next price: imbalance of the sizes, spread, and the distance to the mid and to the
 * microprice (Stoikov 2018: the mid weighted by the opposite sizes). All zero without a book.
 */
export const orderBook: Feature = {
  inputs: [
    'imbalance (bid - ask) / (bid + ask), none',
    'EWMA10 of the imbalance, none',
    'ln(spread in steps + .5) / 2, none',
    'tanh(mid minus price / 3 rms2000), none',
    'tanh(microprice minus price / 3 rms2000), none',
    'tanh(microprice minus price / 2 steps), none',
    'ln(bid size) relative to its usual, / 3, none',
    'ln(ask size) relative to its usual, / 3, none',
  ],
  slots: 3,
  warmUpEvents: 2000,
  observe(event, state, at, inputs, inputsAt) {
    const { book } = event;
    const total = book === null ? 0 : book.bidSize + book.askSize;
    if (book === null || !(total > 0)) {
      inputs.fill(0, inputsAt, inputsAt + INPUTS);
      return;
    }
    const count = state[at + BOOK_COUNT] + 1;
    const imbalance = (book.bidSize - book.askSize) / total;
    state[at + BOOK_COUNT] = count;
    state[at + IMBALANCE] = ewmaStep(state[at + IMBALANCE], imbalance, RATE_10, count);
    state[at + TOTAL_SIZE] = ewmaStep(state[at + TOTAL_SIZE], total, RATE_2000, count);
    const usual = ln(state[at + TOTAL_SIZE]);
    inputs[inputsAt] = imbalance;
    inputs[inputsAt + 1] = state[at + IMBALANCE];
    writeDistances(event, inputs, inputsAt + 2);
    inputs[inputsAt + 6] = (ln(book.bidSize + 1e-3) - usual) / 3;
    inputs[inputsAt + 7] = (ln(book.askSize + 1e-3) - usual) / 3;
  },
};

function writeDistances(event: FeatureEvent, inputs: Float64Array, at: number): void {
  const { book, rms2000, stepOffset } = event;
  if (book === null) return;
  const total = book.bidSize + book.askSize;
  const toMid = offsetOf(event, (book.ask + book.bid) / 2);
  const toMicro = offsetOf(event, (book.bidSize * book.ask + book.askSize * book.bid) / total);
  inputs[at] = ln(spreadOf(event, book) / stepOffset + 0.5) / 2;
  inputs[at + 1] = tanh(toMid / (3 * rms2000));
  inputs[at + 2] = tanh(toMicro / (3 * rms2000));
  inputs[at + 3] = tanh(toMicro / (2 * stepOffset));
}

/** Raw units may be zero or below, where a logarithm has no value. */
function offsetOf({ isPrice, price }: FeatureEvent, level: number): number {
  return isPrice ? 1e4 * ln(level / price) : level - price;
}

/** A `value` source may cross its book; a price's book is refused at the door. */
function spreadOf({ isPrice, price }: FeatureEvent, { bid, ask }: Book): number {
  return Math.max(0, isPrice ? ((ask - bid) / price) * 1e4 : ask - bid);
}
