import { partitionOf } from '#shared/log/partitioner.ts';
import { asSymbol, type SymbolName } from '#shared/market/symbol.ts';
import type { Trade } from '#shared/market/tick.ts';
import { decodeTickRecord, encodeTick } from '#shared/market/tick-record.ts';
import type { RecordedTape } from '../recorded-tape.ts';

/** Copies of each recorded symbol, under names of their own, so that partitions have several. */
const COPIES = 16;
const LAP_NS = 86_400_000_000_000n;

interface Stream {
  readonly symbol: SymbolName;
  readonly partition: number;
  readonly trades: readonly Trade[];
  next: number;
}

/** Trades without end, each of which is forecast: the recorded ones of five symbols under eighty names, lap after lap. */
export class TickSupply {
  readonly #streams: readonly Stream[];
  #seq = 0n;
  #turn = 0;

  constructor(tape: RecordedTape, partitionCount: number) {
    const bySymbol = new Map<SymbolName, Trade[]>();
    for (const record of tape.ticks) {
      const tick = decodeTickRecord(record);
      if (tick.kind !== 'trade') continue;
      const trades = bySymbol.get(tick.symbol);
      if (trades === undefined) bySymbol.set(tick.symbol, [tick]);
      else trades.push(tick);
    }
    this.#streams = Array.from({ length: COPIES }, (_, copy) =>
      [...bySymbol].map(([name, trades]) => {
        const symbol = asSymbol(`${name}.${copy}`);
        // Each from another place: equal ticks side by side would compress as no market does.
        const next = Math.floor((copy * trades.length) / COPIES);
        return { symbol, partition: partitionOf(symbol, partitionCount), trades, next };
      }),
    ).flat();
  }

  /** The next so many records of `ticks`: symbols in turn, each with its partition. */
  take(count: number): readonly { readonly partition: number; readonly value: Uint8Array }[] {
    return Array.from({ length: count }, () => {
      const stream = this.#streams[this.#turn];
      this.#turn = (this.#turn + 1) % this.#streams.length;
      return { partition: stream.partition, value: this.#record(stream) };
    });
  }

  #record(stream: Stream): Uint8Array {
    const { symbol, trades } = stream;
    const lap = BigInt(Math.floor(stream.next / trades.length));
    const trade = trades[stream.next % trades.length];
    stream.next += 1;
    this.#seq += 1n;
    const eventTimeNs = trade.eventTimeNs + lap * LAP_NS;
    return encodeTick({ ...trade, symbol, seq: this.#seq, eventTimeNs });
  }
}
