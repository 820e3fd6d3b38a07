import { FIRST_SPREAD } from '#shared/nn/initial-parameters.ts';
import type { ForecasterSettings } from './forecaster-settings.ts';

/** What the network of a run states of its targets: quantiles at some levels, or one point, and the loss that teaches it. */
export interface NetworkTargets {
  readonly levels: readonly number[];
  /** Targets: each horizon once, or in two scales. */
  readonly count: number;
  readonly loss: 'pinball' | 'huber';
  /** What each target counts in the loss. */
  readonly weights: readonly number[];
  /** Step size of the parameters that make each target alone, as a multiple of that of all others. */
  readonly rates: readonly number[];
  /** How wide the untrained network's quantiles of each target are, in those of a Gaussian of its scale; where nothing is said, as a network is by itself. */
  readonly spreads: readonly number[];
}

export function networkTargets({
  seasonTicks,
  horizons,
  levels,
}: Pick<ForecasterSettings, 'seasonTicks' | 'horizons' | 'levels'>): NetworkTargets {
  if (seasonTicks !== undefined) {
    const count = 2 * horizons.length;
    const alike = new Array<number>(count).fill(1);
    return { levels: [0.5], count, loss: 'huber', weights: alike, rates: alike, spreads: [] };
  }
  // Targets h ticks ahead overlap in all but one of their ticks: they say little more than every h-th, and would rule what all share.
  const weights = horizons.map((horizon) => 1 / Math.sqrt(horizon));
  // What they do not share sees no weight: AdamW takes steps of one size, however small a gradient is.
  // The further ahead, the nearer is the sum of moves to a Gaussian.
  const spreads = weights.map((weight) => 1 - (1 - FIRST_SPREAD) * weight);
  const { length: count } = horizons;
  return { levels, count, loss: 'pinball', weights, rates: weights, spreads };
}
