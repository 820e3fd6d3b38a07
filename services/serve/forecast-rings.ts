import { CorruptBytesError } from '#shared/errors.ts';
import type { Forecast, ForecastEntry, ForecastPack } from '#shared/forecast/forecast.ts';
import { exp } from '#shared/numeric/elementary.ts';
import type { WireHistory } from '#shared/wire/message.ts';
import type { WirePosition } from '#shared/wire/request.ts';
import { horizonTicksOf } from './horizon-ticks.ts';
import { RealisedScores } from './realised-scores.ts';
import { hasSameItems } from './same-items.ts';
import { SymbolHistory } from './symbol-history.ts';
import { type PlacedForecast, placedForecast, standAlone } from './wire-forecast.ts';

/** One `src` with all its forecasts. */
export interface PlacedEntry {
  readonly partition: number;
  readonly src: bigint;
  readonly prev: bigint;
  readonly forecasts: readonly PlacedForecast[];
}

interface Ring {
  /** Oldest first; consecutive: each `prev` is the `src` before. */
  readonly entries: PlacedEntry[];
  watermark: bigint;
  /** Of all entries together. */
  forecastCount: number;
}

interface KeptSymbol {
  latest: PlacedForecast;
  readonly history: SymbolHistory;
  horizonTicks: readonly number[];
  /** Of the latest point forecast at each horizon, as in the forecast: basis points of log return for prices. */
  offsets: number[];
  measure: Forecast['measure'];
}

const NOTHING_READ = -1n;
/** How full a ring gets before it is cut, as a multiple of its capacity. */
const OVERFULL = 1.125;

/**
 * The newest forecasts of every partition, by entry, and the latest of every symbol. An entry at or below its partition's
 * watermark is a repeat and is dropped; one whose `prev` is above it shows a gap: the ring begins anew there, so that no
 * client is told that it missed nothing.
 */
export class ForecastRings {
  readonly run: string;
  /** Levels of every forecast of the run; empty until the first. */
  levels: readonly number[] = [];
  gapCount = 0;
  /** Entries so far. */
  takenCount = 0;
  /** Taken before the forecasts that are to carry them. */
  readonly realised = new RealisedScores();
  readonly #capacity: number;
  readonly #rings: readonly Ring[];
  readonly #symbols = new Map<string, KeptSymbol>();

  constructor(options: { run: string; partitionCount: number; capacity: number }) {
    this.run = options.run;
    this.#capacity = options.capacity;
    this.#rings = Array.from({ length: options.partitionCount }, () => ({
      entries: [],
      watermark: NOTHING_READ,
      forecastCount: 0,
    }));
  }

  /**
   * @param issuedMs when the pack came in; null for what is read back
   * @returns the entries that were new
   * @throws CorruptBytesError when the pack's levels are not the run's
   */
  take(partition: number, pack: ForecastPack, issuedMs: number | null = null): PlacedEntry[] {
    this.#requireLevels(pack.levels);
    const ring = this.#rings[partition];
    const taken: PlacedEntry[] = [];
    for (const entry of pack.entries) {
      if (entry.src <= ring.watermark) continue;
      const own = this.#placed(partition, entry, issuedMs);
      this.#push(ring, own);
      for (const [k, forecast] of entry.forecasts.entries()) {
        this.#remember(forecast, own.forecasts[k]);
      }
      taken.push(own);
    }
    return taken;
  }

  position(): WirePosition {
    const src: Record<string, string> = {};
    this.#rings.forEach((ring, partition) => {
      if (ring.watermark > NOTHING_READ) src[partition] = `${ring.watermark}`;
    });
    return { run: this.run, src };
  }

  /** All entries after the position, by partition; null where the rings no longer hold them, or the position is not of this run. */
  since(position: WirePosition): PlacedEntry[] | null {
    if (position.run !== this.run) return null;
    const missed: PlacedEntry[] = [];
    for (const [partition, ring] of this.#rings.entries()) {
      const after = entriesAfter(ring, BigInt(position.src[partition] ?? NOTHING_READ));
      if (after === null) return null;
      missed.push(...after);
    }
    return missed;
  }

  get symbolCount(): number {
    return this.#symbols.size;
  }

  symbols(): string[] {
    return [...this.#symbols.keys()].sort();
  }

  latest(symbol: string): PlacedForecast | null {
    return this.#symbols.get(symbol)?.latest ?? null;
  }

  /** How far ahead the symbol's latest forecast looks, in its ticks. */
  horizonTicks(symbol: string): readonly number[] {
    return this.#symbols.get(symbol)?.horizonTicks ?? [];
  }

  /** Relative move that the latest point forecast says; null where it looks not so far, and where a share of the value says nothing. */
  forecastMove(symbol: string, horizonTicks: number): number | null {
    const kept = this.#symbols.get(symbol);
    const at = kept?.horizonTicks.indexOf(horizonTicks) ?? -1;
    if (kept === undefined || at < 0) return null;
    if (kept.measure === 'price') return exp(kept.offsets[at] / 1e4) - 1;
    const from = kept.latest.originValue;
    return from > 0 && from + kept.offsets[at] > 0 ? kept.offsets[at] / from : null;
  }

  /** At most `count` of the symbol's forecasts that the ring still holds, oldest first; the latest in any case. */
  recent(symbol: string, count: number): PlacedForecast[] {
    const latest = this.latest(symbol);
    if (latest === null) return [];
    const found: PlacedForecast[] = [];
    const { entries } = this.#rings[latest.partition];
    for (let at = entries.length - 1; at >= 0 && found.length < count; at -= 1) {
      const mine = entries[at].forecasts.find((one) => one.symbol === symbol);
      if (mine !== undefined) found.push(mine);
    }
    // Of a symbol that is silent among busy ones the ring may hold nothing any more.
    return found.length === 0 ? [latest] : found.reverse();
  }

  history(symbol: string, count: number): WireHistory {
    return (
      this.#symbols.get(symbol)?.history.newest(symbol, count) ?? {
        symbol,
        origins: [],
        eventTimesNs: [],
        values: [],
      }
    );
  }

  #placed(
    partition: number,
    { src, prev, forecasts }: ForecastEntry,
    issuedMs: number | null,
  ): PlacedEntry {
    const place = { partition, src, prev };
    const placed = forecasts.map((forecast) =>
      placedForecast(forecast, place, this.realised.at(src, forecast), issuedMs),
    );
    return { ...place, forecasts: placed };
  }

  #push(ring: Ring, entry: PlacedEntry): void {
    const isFirst = ring.watermark === NOTHING_READ;
    if (!isFirst && entry.prev !== ring.watermark) {
      this.gapCount += 1;
      for (const older of ring.entries) this.#letGo(older);
      ring.entries.length = 0;
      ring.forecastCount = 0;
    }
    ring.watermark = entry.src;
    this.takenCount += 1;
    ring.entries.push(entry);
    ring.forecastCount += entry.forecasts.length;
    // Cut by some at a time, not one by one: shifting an array costs its length.
    if (ring.forecastCount >= OVERFULL * this.#capacity) this.#cut(ring);
  }

  /** Counts forecasts, not entries: a row has one for each of its columns. The newest entry stays, however many it has. */
  #cut(ring: Ring): void {
    let cut = 0;
    while (cut < ring.entries.length - 1 && ring.forecastCount > this.#capacity) {
      ring.forecastCount -= ring.entries[cut].forecasts.length;
      this.#letGo(ring.entries[cut]);
      cut += 1;
    }
    ring.entries.splice(0, cut);
  }

  /** The latest of a symbol stays when the ring has gone on; the memory that its text shares with its neighbours' need not. */
  #letGo({ forecasts }: PlacedEntry): void {
    for (const one of forecasts) if (this.latest(one.symbol) === one) standAlone(one);
  }

  #remember(forecast: Forecast, one: PlacedForecast): void {
    const { symbol, horizons } = forecast;
    let kept = this.#symbols.get(symbol);
    if (kept === undefined) {
      const { measure } = forecast;
      kept = { latest: one, history: new SymbolHistory(), horizonTicks: [], offsets: [], measure };
      this.#symbols.set(symbol, kept);
    }
    kept.latest = one;
    kept.history.push(forecast);
    kept.horizonTicks = horizonTicksOf(forecast);
    if (kept.offsets.length !== horizons.length) kept.offsets = horizons.map(() => 0);
    for (let k = 0; k < horizons.length; k += 1) kept.offsets[k] = horizons[k].point;
  }

  #requireLevels(levels: readonly number[]): void {
    if (this.levels.length === 0) this.levels = levels;
    if (!hasSameItems(levels, this.levels)) {
      throw new CorruptBytesError(
        `a run has one set of quantile levels, ${this.levels.join()}, a forecast pack had ${levels.join()}`,
      );
    }
  }
}

function entriesAfter(ring: Ring, seen: bigint): PlacedEntry[] | null {
  // Another gateway may have been ahead of us: what the client has of ours it drops, and it has missed nothing.
  if (seen >= ring.watermark) return [];
  if (ring.entries[0].prev > seen) return null;
  return ring.entries.filter((entry) => entry.src > seen);
}
