import type { RawQuote, RawTick, RawTrade } from '#shared/market/raw-tick.ts';
import { Random } from '#shared/nn/random.ts';
import type { SourceRow } from '../source.ts';

const SECOND_NS = 1_000_000_000n;

type Spoil = (good: RawTrade | RawQuote) => RawTick;

const asTrade = (good: RawTrade | RawQuote, changes: Partial<RawTrade>): RawTick => {
  return { ...good, kind: 'trade', price: good.bid, ...changes };
};

const SPOILS: readonly Spoil[] = [
  (good) => asTrade(good, { price: 'NaN' }),
  (good) => asTrade(good, { price: Number.POSITIVE_INFINITY }),
  (good) => asTrade(good, { price: 0 }),
  (good) => asTrade(good, { price: -1 }),
  (good) => asTrade(good, { size: 'many' }),
  (good) => asTrade(good, { symbol: '' }),
  (good) => ({ ...good, kind: 'quote', bid: good.ask, ask: good.bid }),
  (good) => ({ ...good, time: (good.time as bigint) - SECOND_NS }),
];

/**
 * A line with faults: after every good row, with the given chance, a bad one made of it, or the same number once more. The good
 * rows stay the same ticks; only their numbers move.
 */
export class BadRows {
  readonly #random: Random;
  readonly #share: number;

  constructor(share: number, seed: string) {
    this.#random = new Random(seed);
    this.#share = share;
  }

  /** Adds to `rows` what follows on the good row at its end. @returns the last number given */
  follow(rows: SourceRow[]): bigint {
    const good = rows[rows.length - 1];
    if (this.#share === 0 || this.#random.next() >= this.#share) return good.seq;
    const kind = this.#random.integer(SPOILS.length + 1);
    if (kind === SPOILS.length) {
      rows.push(good);
      return good.seq;
    }
    const raw = SPOILS[kind](good.raw as RawTrade | RawQuote);
    rows.push({ ...good, seq: good.seq + 1n, raw });
    return good.seq + 1n;
  }
}
