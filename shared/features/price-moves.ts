import { log1p, tanh } from '#shared/numeric/elementary.ts';
import { ewmaRate, ewmaStep } from './ewma.ts';
import type { Feature } from './feature.ts';

const RATE_10 = ewmaRate(10);
const RATE_20 = ewmaRate(20);
const RATE_200 = ewmaRate(200);

const AVERAGE_20 = 0;
const AVERAGE_200 = 1;
const DIRECTION = 2;
const MOVED = 3;
const LAST_MOVE_COUNT = 4;
const LAST_MOVE_SIGN = 5;

/** The last change, how long ago the price moved and which way, and where it stands against its own recent averages. */
export const priceMoves: Feature = {
  inputs: [
    'tanh(change / 3 rms2000), none',
    'tanh(change / 2 steps), none',
    'log1p(events since the last move) / 3, none',
    'sign of the last move, none',
    'tanh((value - EWMA20) / 3 rms2000), none',
    'tanh((value - EWMA200) / 10 rms2000), none',
    'EWMA10 of sign(change), none',
    'EWMA20 of moved, share',
  ],
  slots: 6,
  warmUpEvents: 200,
  observe(event, state, at, inputs, inputsAt) {
    const { change, count, value, rms2000 } = event;
    const moved = change === 0 ? 0 : 1;
    state[at + AVERAGE_20] = ewmaStep(state[at + AVERAGE_20], value, RATE_20, count);
    state[at + AVERAGE_200] = ewmaStep(state[at + AVERAGE_200], value, RATE_200, count);
    state[at + DIRECTION] = ewmaStep(state[at + DIRECTION], Math.sign(change), RATE_10, count);
    state[at + MOVED] = ewmaStep(state[at + MOVED], moved, RATE_20, count);
    // Before any move, time since the last one counts from the first event.
    if (moved === 1 || count === 1) {
      state[at + LAST_MOVE_COUNT] = count;
      state[at + LAST_MOVE_SIGN] = Math.sign(change);
    }
    inputs[inputsAt] = tanh(change / (3 * rms2000));
    inputs[inputsAt + 1] = tanh(change / (2 * event.stepOffset));
    inputs[inputsAt + 2] = log1p(count - state[at + LAST_MOVE_COUNT]) / 3;
    inputs[inputsAt + 3] = state[at + LAST_MOVE_SIGN];
    inputs[inputsAt + 4] = tanh((value - state[at + AVERAGE_20]) / (3 * rms2000));
    inputs[inputsAt + 5] = tanh((value - state[at + AVERAGE_200]) / (10 * rms2000));
    inputs[inputsAt + 6] = state[at + DIRECTION];
    inputs[inputsAt + 7] = state[at + MOVED];
  },
};
