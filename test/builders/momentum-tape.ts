import { asSymbol } from '#shared/market/symbol.ts';
import type { Trade } from '#shared/market/tick.ts';
import { Random } from '#shared/nn/random.ts';

export interface MomentumTapeOptions {
  readonly symbols: readonly string[];
  /** Trades of all symbols together. */
  readonly count: number;
  readonly seed?: number | string;
  /** Share of a move that the next one repeats. */
  readonly momentum?: number;
}

/** A tape whose moves repeat part of the move before and whose volatility comes in spells: there is something to learn. */
export function momentumTape(options: MomentumTapeOptions): Trade[] {
  const { symbols, count, seed = 'tape', momentum = 0.6 } = options;
  const random = new Random(seed);
  const walks = symbols.map(() => ({ price: 100, move: 0, spell: 1 }));
  return Array.from({ length: count }, (_, k) => {
    const at = random.integer(symbols.length);
    const walk = walks[at];
    if (walk === undefined) throw new RangeError('a tape needs a symbol');
    if (random.next() < 0.02) walk.spell = random.next() < 0.5 ? 0.4 : 2;
    walk.move = momentum * walk.move + walk.spell * random.normal();
    walk.price = Math.max(1, walk.price + 0.01 * Math.round(walk.move));
    return {
      kind: 'trade' as const,
      symbol: asSymbol(symbols[at] as string),
      feedEpoch: 1,
      seq: BigInt(k + 1),
      eventTimeNs: 1_700_000_000_000_000_000n + BigInt(k) * 50_000_000n,
      price: walk.price,
      size: 1 + random.integer(5),
      side: walk.move > 0 ? 1 : -1,
      book: null,
    };
  });
}
