import type { RawQuote, RawTrade } from '#shared/market/raw-tick.ts';
import { Random } from '#shared/nn/random.ts';
import type { Character } from './character.ts';
import { freshState, type MarketState } from './market-state.ts';
import { type MarketEvent, nextEvent, type Switches } from './next-event.ts';
import { type LawOptions, sampleLaw, type TrueLaw } from './true-law.ts';

export interface SymbolMarketOptions {
  readonly character: Character;
  readonly switches: Switches;
  /** Text that tells this life of this symbol from all others. */
  readonly seed: string;
  /** Where the price starts, in whole steps. */
  readonly startSteps: number;
}

/** One symbol's events, one by one. The next one is already drawn; `trueLaw` does not know it. */
export class SymbolMarket {
  readonly #options: SymbolMarketOptions;
  readonly #random: Random;
  /** After the last event that was taken. */
  readonly #seen: MarketState;
  /** After the one that is next. */
  readonly #ahead: MarketState;
  #event: MarketEvent;

  constructor(options: SymbolMarketOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#seen = freshState(options.character, options.startSteps);
    this.#ahead = { ...this.#seen };
    this.#event = this.#draw();
  }

  /** Seconds from the market's start to the next event. */
  get nextTime(): number {
    return this.#ahead.time;
  }

  /** @param time what the tick says of its time, nanoseconds since 1970 */
  take(time: bigint): RawTrade | RawQuote {
    const raw = this.#event === 'quote' ? this.#quote(time) : this.#trade(time, this.#event);
    Object.assign(this.#seen, this.#ahead);
    this.#event = this.#draw();
    return raw;
  }

  /** Null before the first trade. */
  trueLaw(law: LawOptions): TrueLaw | null {
    const { character, switches, seed } = this.#options;
    if (this.#seen.tradeCount === 0) return null;
    const random = new Random(`${seed}/law/${this.#seen.tradeCount}/${law.horizonTicks}`);
    return sampleLaw(character, switches, this.#seen, random, law);
  }

  #draw(): MarketEvent {
    const { character, switches } = this.#options;
    return nextEvent(character, switches, this.#ahead, this.#random);
  }

  #quote(time: bigint): RawQuote {
    const { symbol } = this.#options.character;
    return { kind: 'quote', symbol, time, timeFormat: 'ns', ...this.#book(this.#ahead) };
  }

  #trade(time: bigint, side: 'buy' | 'sell'): RawTrade {
    const { symbol, stepsPerUnit } = this.#options.character;
    const price = this.#ahead.tradeSteps / stepsPerUnit;
    // The book that the trade met, not the one that it left.
    const book = this.#book(this.#seen);
    const size = this.#ahead.tradeLots;
    return { kind: 'trade', symbol, time, timeFormat: 'ns', price, size, side, ...book };
  }

  #book(state: MarketState): { bid: number; bidSize: number; ask: number; askSize: number } {
    const { stepsPerUnit } = this.#options.character;
    return {
      bid: state.bidSteps / stepsPerUnit,
      bidSize: state.bidLots,
      ask: state.askSteps / stepsPerUnit,
      askSize: state.askLots,
    };
  }
}
