import { ewmaStep } from '#shared/features/ewma.ts';

/** Forecasts before any error counts less. */
const FIRST_WEIGHED = 50;
/** Mean absolute errors beyond which an error counts by its size, where one independent error is all there is. */
const BOUND = 0.25;
/** The bound is never closer. */
const CLOSEST_BOUND = 2;
/** Mean absolute error, as a multiple of the last value's, from which absolute errors count beside squared ones; and how much at most. */
const LARGEST_LOSS = 1.05;
const MOST = 4;
/** Share of the mean absolute change below which errors are alike. */
const SMALLEST = 0.25;
/** Mean absolute changes that the root mean square counts at most: while a series stands still, its usual size says nothing of it. */
const LARGEST_SCALE = 3;

const MEAN_ERROR = 0;
const MEAN_CHANGE = 1;

/** A forecast that has met its target. */
export interface MetTarget {
  /** Forecast minus truth. */
  readonly error: number;
  /** The change that came, which is the last value's error. */
  readonly change: number;
  /** Usual size of that change, root of a mean square. */
  readonly scale: number;
  /** Forecasts that have met theirs, with this one. */
  readonly count: number;
  /** Independent errors that the weights rest on so far. */
  readonly independent: number;
}

/**
 * What the squared error of one target counts where experts are weighed. Squares ask for the mean, and of few errors with heavy tails
 * the largest decides: beyond a bound that grows with the root of how many there are, an error counts by its size only (adaptive Huber
 * regression: Sun, Zhou and Fan 2020). And where squares would cost more than a twentieth in absolute error against the last value,
 * absolute error counts as well, the more the dearer it is.
 */
export class ErrorWeight {
  /** Float64 slots; all zero is a fresh start. */
  readonly slots = 2;
  readonly #rate: number;

  /** @param rate of the running means */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Takes in the target and says what its squared error counts. */
  weigh(state: Float64Array, at: number, target: MetTarget): number {
    const { scale, count, independent } = target;
    const error = Math.abs(target.error);
    const change = Math.abs(target.change);
    const usualError = state[at + MEAN_ERROR];
    const usualChange = state[at + MEAN_CHANGE];
    state[at + MEAN_ERROR] = ewmaStep(usualError, error, this.#rate, count);
    state[at + MEAN_CHANGE] = ewmaStep(usualChange, change, this.#rate, count);
    if (count <= FIRST_WEIGHED || !(usualError > 0) || !(usualChange > 0)) return 1;
    const bound = Math.max(CLOSEST_BOUND, BOUND * Math.sqrt(independent)) * usualError;
    const squared = error > bound ? bound / error : 1;
    const share = Math.min(MOST, Math.max(0, usualError / usualChange - LARGEST_LOSS));
    if (share === 0) return squared;
    const root = Math.min(scale, LARGEST_SCALE * usualChange);
    const absolute = (root * root) / (usualChange * Math.max(error, SMALLEST * usualChange));
    return (squared + share * absolute) / (1 + share);
  }
}
