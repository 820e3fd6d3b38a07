import { ln, log1p, tanh } from '#shared/numeric/elementary.ts';
import { ewmaRate, ewmaStep } from './ewma.ts';
import type { Feature } from './feature.ts';

const RATE_10 = ewmaRate(10);
const RATE_50 = ewmaRate(50);
const RATE_2000 = ewmaRate(2000);
const INPUTS = 7;

/** Events with a book so far; it may come later than the symbol's first event. */
const BOOK_COUNT = 0;
const TOTAL_SIZE = 1;
const FLOW_10 = 2;
const FLOW_50 = 3;
/** Shares of rms2000: keeps the logarithm of a middle that stands still finite. */
const SMALLEST_ROOT = 1e-3;

/**
 * What happened to the book since the event before, all its updates together: order flow imbalance (Cont, Kukanov and Stoikov 2014), the
 * move of the middle, how many updates there were and how far the middle moves at one. All zero without a book.
 */
export const bookFlow: Feature = {
  inputs: [
    'tanh(order flow imbalance / usual size), none',
    'EWMA10 of that, none',
    'EWMA50 of that, x 3, none',
    'tanh(change of the middle / 2 steps), none',
    'tanh(change of the middle / 3 rms2000), none',
    'log1p(updates of the book) / 3, none',
    'ln(rms20 of the middle per update / rms2000) / 2, none',
  ],
  slots: 4,
  warmUpEvents: 2000,
  observe({ book, bookNews, stepOffset, rms2000 }, state, at, inputs, inputsAt) {
    if (book === null) {
      inputs.fill(0, inputsAt, inputsAt + INPUTS);
      return;
    }
    const count = state[at + BOOK_COUNT] + 1;
    const total = book.bidSize + book.askSize;
    state[at + BOOK_COUNT] = count;
    state[at + TOTAL_SIZE] = ewmaStep(state[at + TOTAL_SIZE], total, RATE_2000, count);
    const flow = tanh(bookNews.flow / (state[at + TOTAL_SIZE] + 1e-12));
    state[at + FLOW_10] = ewmaStep(state[at + FLOW_10], flow, RATE_10, count);
    state[at + FLOW_50] = ewmaStep(state[at + FLOW_50], flow, RATE_50, count);
    const root = Math.sqrt(bookNews.middleVariance) + SMALLEST_ROOT * rms2000;
    inputs[inputsAt] = flow;
    inputs[inputsAt + 1] = state[at + FLOW_10];
    inputs[inputsAt + 2] = 3 * state[at + FLOW_50];
    inputs[inputsAt + 3] = tanh(bookNews.middleChange / (2 * stepOffset));
    inputs[inputsAt + 4] = tanh(bookNews.middleChange / (3 * rms2000));
    inputs[inputsAt + 5] = log1p(bookNews.updates) / 3;
    inputs[inputsAt + 6] = ln(root / rms2000) / 2;
  },
};
