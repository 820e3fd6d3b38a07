import { ln } from '#shared/numeric/elementary.ts';
import { ewmaRate, ewmaStep } from './ewma.ts';
import type { Feature, FeatureEvent } from './feature.ts';

const HALF_LIVES = [20, 200, 2000] as const;
const RATES = HALF_LIVES.map(ewmaRate);

/** Size of recent changes over three half-lives; the ratios tell a calm market from one that wakes up. */
export const volatility: Feature = {
  inputs: ['ln(rms20 / rms200), none', 'ln(rms200 / rms2000), none'],
  slots: 3,
  warmUpEvents: 200,
  observe(event, state, at, inputs, inputsAt) {
    const square = event.change * event.change;
    const floor = smallestVariance(event);
    for (let k = 0; k < 3; k += 1) {
      state[at + k] = ewmaStep(state[at + k], square, RATES[k], event.count);
    }
    event.rms20 = Math.sqrt(state[at] + floor);
    event.rms200 = Math.sqrt(state[at + 1] + floor);
    event.rms2000 = Math.sqrt(state[at + 2] + floor);
    inputs[inputsAt] = ln(event.rms20 / event.rms200);
    inputs[inputsAt + 1] = ln(event.rms200 / event.rms2000);
  },
};

/** Keeps ratios finite on a constant series: a thousandth of a basis point, or a millionth of the value. */
function smallestVariance(event: FeatureEvent): number {
  if (event.isPrice) return 1e-6;
  const relative = 1e-6 * event.value;
  return Math.min(1e-6, relative * relative + 1e-300);
}
