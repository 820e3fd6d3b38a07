import type { Control } from '#shared/market/control.ts';
import { asSymbol, type SymbolName } from '#shared/market/symbol.ts';
import type { Quote, Trade } from '#shared/market/tick.ts';
import { encodeControl, encodeTick } from '#shared/market/tick-record.ts';
import { Random } from '#shared/nn/random.ts';
import { aBook, MIDNIGHT_NS } from '#test/builders/a-tick.ts';

/** A record of `ticks` and what the fold must make of it. */
export interface TapeRecord {
  readonly value: Uint8Array;
  /** `none`: the fold must behave as if it were not there. `reject`: the same, and tell of it. */
  readonly effect: 'fold' | 'none' | 'reject';
}

/** Everything that will be appended to one partition, in order. */
export type PartitionTape = readonly TapeRecord[];

export interface TapeOptions {
  readonly seed: string;
  readonly partitionCount: number;
  /** Ticks of each partition, without repeats. */
  readonly tickCount: number;
  /** Models to switch to, in order. */
  readonly switches: readonly string[];
}

const SYMBOLS_PER_PARTITION = 2;
/** Trades that end a tape: they come when all is calm, and each of them is forecast. */
export const TAIL_TICKS = 4;

/** A tape for every partition: prices that walk, quotes, repeats, late ticks, bytes that are no record, and switches. */
export function tapeOf(options: TapeOptions): readonly PartitionTape[] {
  return Array.from({ length: options.partitionCount }, (_, p) => new Tape(options, p).records);
}

export function symbolsOf(partition: number): readonly SymbolName[] {
  return Array.from({ length: SYMBOLS_PER_PARTITION }, (_, k) => asSymbol(`sim:${partition}${k}`));
}

class Tape {
  readonly records: TapeRecord[] = [];
  readonly #random: Random;
  readonly #symbols: readonly SymbolName[];
  readonly #prices: number[];
  /** Which symbols have had a tick that a late one could come after. */
  readonly #ticked = new Set<number>();
  #seq = 0n;
  #timeNs = MIDNIGHT_NS;

  constructor({ seed, tickCount, switches }: TapeOptions, partition: number) {
    this.#random = new Random(`${seed}/${partition}`);
    this.#symbols = symbolsOf(partition);
    this.#prices = this.#symbols.map(() => 100);
    this.#control({ kind: 'begin', warmUpTicks: 4 }, 'fold');
    const every = Math.floor(tickCount / (switches.length + 1));
    for (let k = 0; k < tickCount; k += 1) {
      this.#tick();
      this.#oddity();
      const due = k > 0 && k % every === 0 ? k / every : 0;
      if (due > 0 && due <= switches.length) this.#switch(due, switches[due - 1]);
    }
    for (let k = 0; k < TAIL_TICKS; k += 1) this.#plainTick(k % SYMBOLS_PER_PARTITION);
  }

  /** Switches come with their train record before, sometimes again after, and not at the same place in every partition. */
  #switch(id: number, sha: string): void {
    this.#control({ kind: 'train', id, ranges: [], seed: id }, 'fold');
    for (let k = this.#random.integer(4); k > 0; k -= 1) this.#tick();
    const outcome: Control = { kind: 'switch', id, sha, how: 'refresh' };
    this.#control(outcome, 'fold');
    if (this.#random.next() < 0.5) {
      this.#tick();
      this.#control(outcome, 'none');
    }
  }

  #tick(): void {
    const at = this.#random.integer(this.#symbols.length);
    this.#advance(at);
    const tick = this.#random.next() < 0.15 ? this.#quote(at) : this.#trade(at);
    this.#push(encodeTick(tick), 'fold');
  }

  #plainTick(at: number): void {
    this.#advance(at);
    this.#push(encodeTick(this.#trade(at)), 'fold');
  }

  #advance(at: number): void {
    this.#seq += 1n;
    this.#timeNs += BigInt(1 + this.#random.integer(1_000_000_000));
    this.#prices[at] += (this.#random.integer(9) - 4) / 100;
    this.#ticked.add(at);
  }

  #oddity(): void {
    const chance = this.#random.next();
    if (chance < 0.06) this.#repeat(1 + this.#random.integer(6));
    else if (chance < 0.08) this.#late();
    else if (chance < 0.1) this.#push(Uint8Array.of(9, 9, this.#random.integer(256)), 'reject');
  }

  /** The newest records once more, as by an ingest that crashed before it knew of them. */
  #repeat(count: number): void {
    const newest = this.records.slice(-count).filter(({ effect }) => effect === 'fold');
    for (const { value } of newest) this.records.push({ value, effect: 'none' });
  }

  #late(): void {
    const symbol = this.#random.integer(this.#symbols.length);
    if (!this.#ticked.has(symbol)) return;
    this.#seq += 1n;
    const tick = { ...this.#trade(symbol), eventTimeNs: MIDNIGHT_NS };
    this.#push(encodeTick(tick), 'reject');
  }

  #trade(at: number): Trade {
    return {
      kind: 'trade',
      symbol: this.#symbols[at],
      feedEpoch: 1,
      seq: this.#seq,
      eventTimeNs: this.#timeNs,
      price: this.#prices[at],
      size: 1 + this.#random.integer(3),
      side: this.#random.next() < 0.5 ? 1 : -1,
      book: null,
    };
  }

  #quote(at: number): Quote {
    const bid = this.#prices[at] - 0.01;
    return {
      kind: 'quote',
      symbol: this.#symbols[at],
      feedEpoch: 1,
      seq: this.#seq,
      eventTimeNs: this.#timeNs,
      book: aBook({ bid, ask: bid + 0.02 }),
    };
  }

  #control(control: Control, effect: TapeRecord['effect']): void {
    this.#push(encodeControl(control), effect);
  }

  #push(value: Uint8Array, effect: TapeRecord['effect']): void {
    this.records.push({ value, effect });
  }
}
