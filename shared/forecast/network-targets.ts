import type { ForecasterSettings } from './forecaster-settings.ts';

/** What the network of a run states of its targets: quantiles at some levels, or one point, and the loss that teaches it. */
export interface NetworkTargets {
  readonly levels: readonly number[];
  /** Targets: each horizon once, or in two scales. */
  readonly count: number;
  readonly loss: 'pinball' | 'huber';
  /** What each target counts in the loss. */
  readonly weights: readonly number[];
}

export function networkTargets({
  seasonTicks,
  horizons,
  levels,
}: Pick<ForecasterSettings, 'seasonTicks' | 'horizons' | 'levels'>): NetworkTargets {
  if (seasonTicks !== undefined) {
    const count = 2 * horizons.length;
    return { levels: [0.5], count, loss: 'huber', weights: new Array<number>(count).fill(1) };
  }
  // Targets h ticks ahead overlap in all but one of their ticks: they say little more than every h-th, and would rule what all share.
  const weights = horizons.map((horizon) => 1 / Math.sqrt(horizon));
  return { levels, count: horizons.length, loss: 'pinball', weights };
}
