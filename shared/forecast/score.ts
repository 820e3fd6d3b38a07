import type { SymbolName } from '#shared/market/symbol.ts';

/** Sums over the origins that matured in one span, for one horizon. Divide by `count` for means. CRPS in basis points or raw units. */
export interface HorizonScore {
  readonly horizonTicks: number;
  readonly count: number;
  readonly crps: number;
  /** The same for the baselines: the last value as a point mass, and the Gaussian with EWMA variance. */
  readonly crpsLastValue: number;
  readonly crpsEwmaGaussian: number;
  readonly absoluteError: number;
  readonly absoluteErrorLastValue: number;
  /** Targets inside the central 50, 80 and 95 % interval, by randomised PIT. */
  readonly inside: readonly [number, number, number];
  /** Counts of the randomised PIT in 20 equal cells. */
  readonly pit: readonly number[];
}

/** One record per symbol and 50 of its scored ticks, by log order. */
export interface ScoreRecord {
  readonly symbol: SymbolName;
  /** Partition and offset of the tick that completed the span. */
  readonly partition: number;
  readonly src: bigint;
  readonly eventTimeNs: bigint;
  readonly horizons: readonly HorizonScore[];
}
