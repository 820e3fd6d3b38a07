import { exp, ln } from '#shared/numeric/elementary.ts';
import { ewmaRate, ewmaStep } from './ewma.ts';
import type { Feature } from './feature.ts';

const RATE_10 = ewmaRate(10);
const RATE_50 = ewmaRate(50);
const RATE_500 = ewmaRate(500);

const LOG_SIZE = 0;
const SIDE = 1;
const SIGNED_SIZE = 2;

/** Who takes, and with how much: signed order flow leads the price. All zero where the source gives neither side nor size. */
export const tradeFlow: Feature = {
  inputs: [
    'side, none',
    'ln(size) minus its EWMA500, / 3, none',
    'EWMA10 of side, none',
    'EWMA50 of side x relative size, / 3, none',
  ],
  slots: 3,
  warmUpEvents: 500,
  observe(event, state, at, inputs, inputsAt) {
    const { side, size, count } = event;
    const logSize = ln(size + 1e-9);
    state[at + LOG_SIZE] = ewmaStep(state[at + LOG_SIZE], logSize, RATE_500, count);
    const excess = logSize - state[at + LOG_SIZE];
    const signed = side * exp(Math.max(-3, Math.min(3, excess)));
    state[at + SIDE] = ewmaStep(state[at + SIDE], side, RATE_10, count);
    state[at + SIGNED_SIZE] = ewmaStep(state[at + SIGNED_SIZE], signed, RATE_50, count);
    inputs[inputsAt] = side;
    inputs[inputsAt + 1] = excess / 3;
    inputs[inputsAt + 2] = state[at + SIDE];
    inputs[inputsAt + 3] = state[at + SIGNED_SIZE] / 3;
  },
};
