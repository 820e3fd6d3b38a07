import type { Character } from './character.ts';

/**
 * Everything the future of a symbol depends on. Each field is a function of ticks that were sent, so whoever has seen them all
 * knows the state, and the law of the future given the past is that of `nextEvent` from here.
 */
export interface MarketState {
  /** Seconds since the market began. */
  time: number;
  bidSteps: number;
  askSteps: number;
  bidLots: number;
  askLots: number;
  /** Price of the last trade; 0 before the first. */
  tradeSteps: number;
  tradeLots: number;
  /** Variance of the next move of the middle of the book, square basis points. */
  variance: number;
  /** Self-excited parts of the intensities, per second. */
  buyHeat: number;
  sellHeat: number;
  quoteHeat: number;
  /** 0 calm, 1 hectic. */
  regime: number;
  tradeCount: number;
}

export function freshState(character: Character, startSteps: number): MarketState {
  return {
    time: 0,
    bidSteps: startSteps,
    askSteps: startSteps + 1,
    bidLots: character.meanLots,
    askLots: character.meanLots,
    tradeSteps: 0,
    tradeLots: 0,
    variance: character.longRunBp * character.longRunBp,
    buyHeat: 0,
    sellHeat: 0,
    quoteHeat: 0,
    regime: 0,
    tradeCount: 0,
  };
}
