import type { MarketTapeOptions } from './market-tape.ts';

export interface MarketCase {
  readonly name: string;
  readonly options: Omit<MarketTapeOptions, 'seed'>;
}

/** As many ticks as the recorded tapes have; six symbols, whose steps are of very different weight. */
const TAPE = {
  symbolCount: 6,
  tickCount: 240_000,
  warmUpTrades: 4_000,
  horizons: [1, 10, 100],
  stride: 200,
  samples: 400,
  hasGaps: false,
};

export const MARKET_CASES: readonly MarketCase[] = [
  { name: 'market', options: { ...TAPE, hasRegimes: true } },
  { name: 'market-calm', options: { ...TAPE, hasRegimes: false } },
];
