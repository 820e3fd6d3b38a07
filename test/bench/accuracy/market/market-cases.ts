import type { MarketTapeOptions } from './market-tape.ts';

export interface MarketCase {
  readonly name: string;
  readonly options: Omit<MarketTapeOptions, 'seed'>;
}

/**
 * Six symbols, whose steps are of very different weight, some 64,000 trades each. Whatever learns 100 ticks ahead learns from 640
 * independent targets of a symbol then. Many origins with few draws each: coverage at one origin is .1 off in either direction.
 */
const TAPE = {
  symbolCount: 6,
  tickCount: 960_000,
  warmUpTrades: 4_000,
  horizons: [1, 10, 100],
  stride: 100,
  samples: 200,
  hasGaps: false,
};

export const MARKET_CASES: readonly MarketCase[] = [
  { name: 'market', options: { ...TAPE, hasRegimes: true } },
  { name: 'market-calm', options: { ...TAPE, hasRegimes: false } },
];
