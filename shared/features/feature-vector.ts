import { bookFlow } from './book-flow.ts';
import type { Feature, FeatureEvent } from './feature.ts';
import { orderBook } from './order-book.ts';
import { priceMoves } from './price-moves.ts';
import { tickGap } from './tick-gap.ts';
import { tradeFlow } from './trade-flow.ts';
import { volatility } from './volatility.ts';

/** Rises with any change of a feature, their order or their bounds; a model records the version it was trained on. */
export const FEATURE_VERSION = 2;

/** In this fixed order; `volatility` first, since the others use what it leaves in the event. */
const FEATURES: readonly Feature[] = [
  volatility,
  priceMoves,
  tickGap,
  tradeFlow,
  orderBook,
  bookFlow,
];

/** Size of the network's input. */
export const INPUT_SIZE = FEATURES.reduce((sum, feature) => sum + feature.inputs.length, 0);

/** Float64 slots of the running state of all features. */
export const FEATURE_SLOTS = FEATURES.reduce((sum, feature) => sum + feature.slots, 0);

/** No input is further from zero, so that one wild tick cannot saturate the network. */
const BOUND = 5;

/** Name and unit of each input, in the order of the vector. */
export function featureNames(): string[] {
  return FEATURES.flatMap((feature) => feature.inputs);
}

/** Sets what the features take for the usual size of a change, after a break. */
export function restartVolatility(state: Float64Array, at: number, variance: number): void {
  state.fill(variance, at, at + volatility.slots);
}

/** Takes the event into all features and writes the clipped vector. A NaN stays NaN: the network's step then refuses it. */
export function observeFeatures(
  event: FeatureEvent,
  state: Float64Array,
  at: number,
  inputs: Float64Array,
  inputsAt: number,
): void {
  let slot = at;
  let input = inputsAt;
  for (const feature of FEATURES) {
    feature.observe(event, state, slot, inputs, input);
    slot += feature.slots;
    input += feature.inputs.length;
  }
  for (let k = inputsAt; k < input; k += 1) {
    inputs[k] = Math.max(-BOUND, Math.min(BOUND, inputs[k]));
  }
}
