import { type Character, charactersOf } from '#services/ingest/sources/simulated/character.ts';
import { Market } from '#services/ingest/sources/simulated/market.ts';
import type { Switches } from '#services/ingest/sources/simulated/next-event.ts';
import type { RawQuote, RawTrade } from '#shared/market/raw-tick.ts';

export interface MarketTapeOptions extends Switches {
  /** At most 24. */
  readonly symbolCount: number;
  readonly seed: number;
  /** Of all symbols together. */
  readonly tickCount: number;
  /** Trades of a symbol before its first examined origin. */
  readonly warmUpTrades: number;
  readonly horizons: readonly number[];
  /** Of every so many trades of a symbol one is examined. */
  readonly stride: number;
  /** Draws of each law. */
  readonly samples: number;
}

/** The true law of the future at one trade of one symbol, given every tick up to it. */
export interface ExaminedOrigin {
  readonly symbol: string;
  /** 0-based, among the trades of the symbol. */
  readonly origin: number;
  /** Per horizon the rising draws of the log return, basis points. */
  readonly draws: readonly Float64Array[];
  /** Per horizon the log return that came, basis points. */
  readonly came: readonly number[];
}

export interface MarketTape {
  /** Lines of the `ticks` layout, the header first. */
  readonly lines: readonly string[];
  /** Those whose longest horizon the tape still holds. */
  readonly origins: readonly ExaminedOrigin[];
  readonly characters: readonly Character[];
}

const TRADES_PER_SECOND = 6;
const START_NS = 1_700_000_000_000_000_000n;
const HEADER = 'recv_ns,symbol,kind,price,qty,side,bid,bid_qty,ask,ask_qty';

/**
 * Plays the product's simulated market and asks its oracle on the way: the market itself, played on from where it stands, so the
 * law cannot differ from what makes the ticks.
 */
export function playMarket(options: MarketTapeOptions): MarketTape {
  const characters = charactersOf(options.symbolCount, TRADES_PER_SECOND);
  const { seed } = options;
  const startPrices = new Map<string, number>();
  const market = new Market({ characters, switches: options, seed, feedEpoch: 1, startPrices });
  const lines = [HEADER];
  const asked: Omit<ExaminedOrigin, 'came'>[] = [];
  const prices = new Map<string, number[]>(characters.map(({ symbol }) => [symbol, []]));
  for (let k = 0; k < options.tickCount; k += 1) {
    const raw = market.take(START_NS) as RawTrade | RawQuote;
    lines.push(lineOf(raw));
    if (raw.kind !== 'trade') continue;
    const symbol = String(raw.symbol);
    const own = prices.get(symbol) ?? [];
    const origin = own.push(Number(raw.price)) - 1;
    if (origin < options.warmUpTrades || origin % options.stride !== 0) continue;
    asked.push({ symbol, origin, draws: drawsOf(market, symbol, options) });
  }
  const origins = asked.flatMap((one) => {
    const own = prices.get(one.symbol) ?? [];
    const came = options.horizons.map((h) => 1e4 * Math.log(own[one.origin + h] / own[one.origin]));
    return came.some(Number.isNaN) ? [] : [{ ...one, came }];
  });
  return { lines, origins, characters };
}

function drawsOf(
  market: Market,
  symbol: string,
  { horizons, samples }: MarketTapeOptions,
): readonly Float64Array[] {
  return horizons.map((horizonTicks) => {
    const law = market.trueLaw(symbol, { horizonTicks, samples });
    if (law === null) throw new Error(`${symbol} must have a law after its first trade, had none`);
    return law.draws;
  });
}

function lineOf(raw: RawTrade | RawQuote): string {
  const { symbol, time, bid, bidSize, ask, askSize } = raw;
  const trade = raw.kind === 'trade' ? `T,${raw.price},${raw.size},${raw.side}` : 'Q,,,';
  return `${time},${symbol},${trade},${bid},${bidSize},${ask},${askSize}`;
}
