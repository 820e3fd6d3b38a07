import type { TickLogRecord } from '#shared/forecast/fold-output.ts';
import type { Control } from '#shared/market/control.ts';
import type { Tick } from '#shared/market/tick.ts';
import { encodeControl, encodeTick } from '#shared/market/tick-record.ts';
import { Random } from '#shared/nn/random.ts';
import { aBook, aQuote, aTrade, MIDNIGHT_NS } from './a-tick.ts';

export interface TapeOptions {
  readonly symbols?: readonly string[];
  readonly tickCount?: number;
  readonly seed?: number;
  /** Share of the ticks that are quotes. */
  readonly quoteShare?: number;
}

/**
 * A market of one feed: prices walk by whole cents, half of the trades leave the price alone, a quarter share the time of the
 * tick before. Equal options give equal tapes, and a longer tape begins with the shorter one.
 */
export function aTape({
  symbols = ['venue:a'],
  tickCount = 100,
  seed = 1,
  quoteShare = 0,
}: TapeOptions = {}): Tick[] {
  const random = new Random(seed);
  const cents = symbols.map(() => 10_000);
  let eventTimeNs = MIDNIGHT_NS;
  return Array.from({ length: tickCount }, (_, k) => {
    const s = random.integer(symbols.length);
    if (random.next() > 0.25) eventTimeNs += BigInt(1 + random.integer(2_000_000_000));
    if (random.next() > 0.5) cents[s] += random.integer(9) - 4;
    const bid = (cents[s] - random.integer(2)) / 100;
    const book = aBook({
      bid,
      ask: bid + 0.01 * (1 + random.integer(3)),
      bidSize: random.integer(20),
      askSize: random.integer(20),
    });
    const isQuote = random.next() < quoteShare;
    const header = { symbol: symbols[s], seq: BigInt(k + 1), eventTimeNs };
    if (isQuote) return aQuote({ ...header, book });
    return aTrade({
      ...header,
      price: cents[s] / 100,
      size: random.integer(4),
      side: random.next() > 0.5 ? 1 : -1,
      book: random.next() > 0.7 ? book : null,
    });
  });
}

/** Ticks and controls as the log gives them back, from offset `first`. */
export function recordsOf(values: readonly (Tick | Control)[], first = 0n): TickLogRecord[] {
  return values.map((value, k) => ({ offset: first + BigInt(k), value: bytesOf(value) }));
}

/** A tick or control as a record of `ticks`. */
export function bytesOf(value: Tick | Control): Uint8Array {
  switch (value.kind) {
    case 'trade':
    case 'quote':
    case 'row':
      return encodeTick(value);
    default:
      return encodeControl(value);
  }
}
