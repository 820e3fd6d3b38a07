import { partitionOf } from '#shared/log/partitioner.ts';
import { InvalidTickError } from '#shared/market/invalid-tick.ts';
import type { Measure } from '#shared/market/measure.ts';
import { tickFrom } from '#shared/market/parse-tick.ts';
import type { FeedNumber, Tick } from '#shared/market/tick.ts';
import { encodeTick } from '#shared/market/tick-record.ts';
import { InvalidRowError, SourceChangedError } from './ingest-errors.ts';
import { encodeReject } from './reject-record.ts';
import { isAfter } from './sources/feed-position.ts';
import type { SourceRow } from './sources/source.ts';

/** What became of a row. `repeated`: the log had it before this process started. */
export type Verdict =
  | { readonly kind: 'tick'; readonly partition: number; readonly record: Uint8Array }
  | { readonly kind: 'reject'; readonly reason: string; readonly record: Uint8Array | null }
  | { readonly kind: 'repeated' };

/** What is refused though it is a tick. */
export interface DoorLimits {
  /** Event times above it are taken for wrong. Never falls. */
  readonly latestTimeNs: () => bigint;
  readonly maxSymbols: number;
}

export interface DoorOptions {
  readonly measure: Measure;
  /** Rows that are no tick at all. Late and duplicate ones are rejected either way: feeds have them when all is well. */
  readonly badRows: 'fail' | 'reject';
  /** The newest tick (or its number) in each partition of the log, the newest number among its rejects; null: there is none. */
  readonly placed: readonly (Tick | FeedNumber | null)[];
  readonly placedReject: FeedNumber | null;
  /** Null where the past is played again. */
  readonly limits: DoorLimits | null;
}

interface Seen {
  readonly partition: number;
  lastTimeNs: bigint;
}

/** Lets rows in as tick records, one after the other, and knows the ones before. */
export class Door {
  readonly #options: DoorOptions;
  readonly #symbols = new Map<string, Seen>();
  /** The newest ticks of the log by their numbers, until the source has given them again. */
  readonly #expected = new Map<bigint, Tick>();
  #last: FeedNumber | null = null;
  /** As of when it was last asked for: the clock is read for what lies above only. */
  #latestTimeNs = 0n;

  constructor(options: DoorOptions) {
    this.#options = options;
    for (const placed of options.placed) {
      if (placed !== null && 'kind' in placed) this.#expected.set(placed.seq, placed);
    }
  }

  get symbolCount(): number {
    return this.#symbols.size;
  }

  /** @throws SourceChangedError `INGEST_SOURCE_CHANGED`, InvalidRowError `ROW_INVALID` where bad rows are to fail */
  judge(row: SourceRow): Verdict {
    const { feedEpoch, seq } = row;
    if (!isAfter(row, this.#last)) return this.#reject(row, this.#duplicate(row));
    this.#last = { feedEpoch, seq };
    const tick = this.#parse(row);
    this.#requireUnchanged(row, tick);
    if (tick instanceof InvalidTickError) {
      if (this.#options.badRows === 'fail') throw new InvalidRowError(row.where, tick);
      return this.#reject(row, tick);
    }
    const beyond = this.#beyondLimits(tick);
    if (beyond !== null) return this.#reject(row, beyond);
    const symbol = this.#symbolOf(tick);
    if (tick.eventTimeNs < symbol.lastTimeNs) {
      const expected = `event time of ${tick.symbol} must not be below ${symbol.lastTimeNs} ns`;
      return this.#reject(row, new InvalidTickError('LATE', expected, tick.eventTimeNs));
    }
    symbol.lastTimeNs = tick.eventTimeNs;
    const { partition } = symbol;
    if (!isAfter(tick, this.#options.placed[partition])) return { kind: 'repeated' };
    return { kind: 'tick', partition, record: encodeTick(tick) };
  }

  /** Repeats are known by their numbers alone: a file that was changed since would be numbered otherwise. */
  #requireUnchanged({ feedEpoch, seq, where }: SourceRow, tick: Tick | InvalidTickError): void {
    const expected = this.#expected.get(seq);
    if (expected === undefined || expected.feedEpoch !== feedEpoch) return;
    this.#expected.delete(seq);
    const isSame =
      !(tick instanceof InvalidTickError) &&
      Buffer.compare(encodeTick(tick), encodeTick(expected)) === 0;
    if (isSame) return;
    throw new SourceChangedError(
      `${where} must be the tick of ${expected.symbol} at ${expected.eventTimeNs} ns that the log has as row ${seq}, was another; take the input of before, or a new folder`,
      { where, seq: `${seq}` },
    );
  }

  #beyondLimits({ symbol, eventTimeNs }: Tick): InvalidTickError | null {
    const { limits } = this.#options;
    if (limits === null) return null;
    if (eventTimeNs > this.#latestTimeNs) this.#latestTimeNs = limits.latestTimeNs();
    if (eventTimeNs > this.#latestTimeNs) {
      const expected = `event time of ${symbol} must not be above ${this.#latestTimeNs} ns, which is FORETICK_MAX_AHEAD_MINUTES ahead of the clock`;
      return new InvalidTickError('AHEAD', expected, eventTimeNs);
    }
    if (this.#symbols.size < limits.maxSymbols || this.#symbols.has(symbol)) return null;
    const expected = `a symbol must be among the first ${limits.maxSymbols} (FORETICK_MAX_SYMBOLS)`;
    return new InvalidTickError('TOO_MANY_SYMBOLS', expected, symbol);
  }

  #symbolOf(tick: Tick): Seen {
    const known = this.#symbols.get(tick.symbol);
    if (known !== undefined) return known;
    const partition = partitionOf(tick.symbol, this.#options.placed.length);
    const fresh = { partition, lastTimeNs: tick.eventTimeNs };
    this.#symbols.set(tick.symbol, fresh);
    return fresh;
  }

  #parse(row: SourceRow): Tick | InvalidTickError {
    try {
      return tickFrom(row.raw, row, this.#options.measure);
    } catch (error) {
      if (error instanceof InvalidTickError) return error;
      throw error;
    }
  }

  #duplicate({ feedEpoch, seq }: SourceRow): InvalidTickError {
    const expected = `a number after ${this.#last?.feedEpoch}/${this.#last?.seq}`;
    return new InvalidTickError('DUPLICATE', `a row must have ${expected}`, `${feedEpoch}/${seq}`);
  }

  #reject(row: SourceRow, error: InvalidTickError): Verdict {
    const isNew = isAfter(row, this.#options.placedReject);
    return {
      kind: 'reject',
      reason: error.reason,
      record: isNew ? encodeReject(row, error) : null,
    };
  }
}
