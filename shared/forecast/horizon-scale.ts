import { ewmaRate, ewmaStep } from '#shared/features/ewma.ts';

/**
 * The scale sigma_(t,h) in which the network sees and states h-event changes: root of a mixed slow and fast EWMA of the squared
 * realised h-change, at least a quarter of a price step. Until an h-change has been realised, the one-event
 * variance times h stands in.
 */
export interface HorizonScale {
  readonly horizonTicks: number;
  /** Float64 slots per symbol: slow mean, fast mean. */
  readonly slots: number;
  /**
   * @param realised the h-change completed by this event, offset units; NaN before the first
   * @param count realised h-changes with this one
   */
  observe(state: Float64Array, at: number, realised: number, count: number): void;
  /** @param oneEventVariance EWMA of the squared change of one event */
  scale(
    state: Float64Array,
    at: number,
    count: number,
    oneEventVariance: number,
    stepOffset: number,
  ): number;
}

export function horizonScale(horizonTicks: number): HorizonScale {
  const slowRate = ewmaRate(Math.max(2000, 10 * horizonTicks));
  const fastRate = ewmaRate(Math.max(300, 3 * horizonTicks));
  return {
    horizonTicks,
    slots: 2,
    observe(state, at, realised, count) {
      if (count < 1) return;
      const square = realised * realised;
      state[at] = ewmaStep(state[at], square, slowRate, count);
      state[at + 1] = ewmaStep(state[at + 1], square, fastRate, count);
    },
    scale(state, at, count, oneEventVariance, stepOffset) {
      const mixed = 0.5 * state[at] + 0.5 * state[at + 1];
      const variance = count < 1 ? horizonTicks * oneEventVariance : mixed;
      return Math.max(Math.sqrt(variance), stepOffset / 4);
    },
  };
}
