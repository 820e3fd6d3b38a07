import type { ForecasterSettings } from './forecaster-settings.ts';

/** What the network of a run states of its targets: quantiles at some levels, or one point, and the loss that teaches it. */
export interface NetworkTargets {
  readonly levels: readonly number[];
  /** Targets: each horizon once, or in two scales. */
  readonly count: number;
  readonly loss: 'pinball' | 'huber';
}

export function networkTargets({
  seasonTicks,
  horizons,
  levels,
}: Pick<ForecasterSettings, 'seasonTicks' | 'horizons' | 'levels'>): NetworkTargets {
  if (seasonTicks !== undefined)
    return { levels: [0.5], count: 2 * horizons.length, loss: 'huber' };
  return { levels, count: horizons.length, loss: 'pinball' };
}
