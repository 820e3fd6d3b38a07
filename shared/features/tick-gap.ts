import { ln } from '#shared/numeric/elementary.ts';
import { ewmaRate, ewmaStep } from './ewma.ts';
import type { Feature } from './feature.ts';

const RATE_10 = ewmaRate(10);
const RATE_200 = ewmaRate(200);

/** Many fills of one order share a time, so a gap of zero is legal; the added 10 microseconds keep its logarithm finite. */
const SHORTEST_GAP_SECONDS = 1e-5;

/** Time since the last event, and whether events come faster than they used to. */
export const tickGap: Feature = {
  inputs: ['ln(gap in s) / 4, none', 'ln of the ratio of gap averages (10, 200) / 2, none'],
  slots: 2,
  warmUpEvents: 200,
  observe(event, state, at, inputs, inputsAt) {
    const logGap = ln(event.gapSeconds + SHORTEST_GAP_SECONDS);
    state[at] = ewmaStep(state[at], logGap, RATE_10, event.count);
    state[at + 1] = ewmaStep(state[at + 1], logGap, RATE_200, event.count);
    inputs[inputsAt] = logGap / 4;
    inputs[inputsAt + 1] = (state[at] - state[at + 1]) / 2;
  },
};
