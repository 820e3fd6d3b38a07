import { cos } from '../../numeric/elementary.ts';
import { wholePower } from '../../numeric/whole-power.ts';

/** The learning rate of update 1, 2, ...: a pure function, so that a restart needs the number of the update only. */
export type LearningRate = (update: number) => number;

export function constantRate(rate: number): LearningRate {
  return () => rate;
}

export interface StepRateOptions {
  readonly rate: number;
  /** Updates of one stair. */
  readonly every: number;
  /** What each stair multiplies the rate with. */
  readonly factor: number;
}

/** Stairs: the rate times factor^floor((update - 1) / every). */
export function stepRate({ rate, every, factor }: StepRateOptions): LearningRate {
  return (update) => rate * wholePower(factor, Math.floor((update - 1) / every));
}

export interface CosineRateOptions {
  readonly rate: number;
  /** Where it ends, and stays. */
  readonly lowest?: number;
  /** Updates from the first, at `rate`, to the first at `lowest`. */
  readonly updates: number;
}

/** Half a wave from the rate down to the lowest (Loshchilov & Hutter 2017, without restarts). */
export function cosineRate({ rate, lowest = 0, updates }: CosineRateOptions): LearningRate {
  return (update) => {
    const share = Math.min(1, (update - 1) / updates);
    return lowest + 0.5 * (rate - lowest) * (1 + cos(Math.PI * share));
  };
}

/**
 * A straight line up over the first `updates` updates, the last of which has the full rate; after it `then`, which counts
 * from 1 again.
 */
export function warmUp(updates: number, then: LearningRate): LearningRate {
  return (update) => (update <= updates ? (then(1) * update) / updates : then(update - updates));
}
