import type { RawTick } from '#shared/market/raw-tick.ts';
import type { Character } from './character.ts';
import type { Switches } from './next-event.ts';
import { SymbolMarket } from './symbol-market.ts';
import type { LawOptions, TrueLaw } from './true-law.ts';

export interface MarketOptions {
  readonly characters: readonly Character[];
  readonly switches: Switches;
  readonly seed: number;
  /** Another life of the market has other chances. */
  readonly feedEpoch: number;
  /** Where prices go on; a symbol that is missing starts at its own beginning. */
  readonly startPrices: ReadonlyMap<string, number>;
}

/** All symbols, in the order of their events. They do not influence one another. */
export class Market {
  readonly #symbols = new Map<string, SymbolMarket>();

  constructor({ characters, switches, seed, feedEpoch, startPrices }: MarketOptions) {
    for (const character of characters) {
      const { symbol, stepsPerUnit } = character;
      const price = startPrices.get(symbol);
      const startSteps =
        price === undefined
          ? character.startSteps
          : Math.max(1, Math.floor(price * stepsPerUnit + 1e-6));
      const options = { character, switches, seed: `${seed}/${feedEpoch}/${symbol}`, startSteps };
      this.#symbols.set(symbol, new SymbolMarket(options));
    }
  }

  /** Seconds from the market's start to the next event of any symbol. */
  get nextTime(): number {
    return this.#next().nextTime;
  }

  /** @param startNs event time of the market's start */
  take(startNs: bigint): RawTick {
    const symbol = this.#next();
    return symbol.take(startNs + nanoseconds(symbol.nextTime));
  }

  /** Null for an unknown symbol and before a symbol's first trade. */
  trueLaw(symbol: string, law: LawOptions): TrueLaw | null {
    return this.#symbols.get(symbol)?.trueLaw(law) ?? null;
  }

  #next(): SymbolMarket {
    let first: SymbolMarket | null = null;
    for (const symbol of this.#symbols.values()) {
      if (first === null || symbol.nextTime < first.nextTime) first = symbol;
    }
    if (first === null) throw new RangeError('a market must have at least one symbol, had none');
    return first;
  }
}

export function nanoseconds(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1e9));
}
