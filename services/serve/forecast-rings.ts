import { CorruptBytesError } from '#shared/errors.ts';
import type { ForecastEntry, ForecastPack } from '#shared/forecast/forecast.ts';
import type { WireHistory } from '#shared/wire/message.ts';
import type { WirePosition } from '#shared/wire/request.ts';
import { RealisedScores } from './realised-scores.ts';
import { SymbolHistory } from './symbol-history.ts';
import type { PlacedForecast } from './wire-forecast.ts';

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

const NOTHING_READ = -1n;

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
  /** Taken before the forecasts that are to carry them. */
  readonly realised = new RealisedScores();
  readonly #capacity: number;
  readonly #rings: readonly Ring[];
  readonly #latest = new Map<string, PlacedForecast>();
  readonly #history = new Map<string, SymbolHistory>();

  constructor(options: { run: string; partitionCount: number; capacity: number }) {
    this.run = options.run;
    this.#capacity = options.capacity;
    this.#rings = Array.from({ length: options.partitionCount }, () => ({
      entries: [],
      watermark: NOTHING_READ,
      forecastCount: 0,
    }));
  }

  /** @returns the entries that were new. @throws CorruptBytesError when the pack's levels are not the run's */
  take(partition: number, pack: ForecastPack): PlacedEntry[] {
    this.#requireLevels(pack.levels);
    const ring = this.#rings[partition];
    const taken: PlacedEntry[] = [];
    for (const entry of pack.entries) {
      if (entry.src <= ring.watermark) continue;
      taken.push(this.#push(ring, this.#placed(partition, entry)));
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
    return this.#latest.size;
  }

  symbols(): string[] {
    return [...this.#latest.keys()].sort();
  }

  latest(symbol: string): PlacedForecast | null {
    return this.#latest.get(symbol) ?? null;
  }

  /** At most `count` of the symbol's forecasts that the ring still holds, oldest first. */
  recent(symbol: string, count: number): PlacedForecast[] {
    const latest = this.#latest.get(symbol);
    if (latest === undefined) return [];
    const found: PlacedForecast[] = [];
    const { entries } = this.#rings[latest.partition];
    for (let at = entries.length - 1; at >= 0 && found.length < count; at -= 1) {
      const mine = entries[at].forecasts.find(({ forecast }) => forecast.symbol === symbol);
      if (mine !== undefined) found.push(mine);
    }
    return found.reverse();
  }

  history(symbol: string, count: number): WireHistory {
    return (
      this.#history.get(symbol)?.newest(symbol, count) ?? {
        symbol,
        origins: [],
        eventTimesNs: [],
        values: [],
      }
    );
  }

  #placed(partition: number, { src, prev, forecasts }: ForecastEntry): PlacedEntry {
    const placed = forecasts.map((forecast) => {
      const score = this.realised.at(src, forecast);
      return { forecast, partition, src, prev, score, json: null, packed: null };
    });
    return { partition, src, prev, forecasts: placed };
  }

  #push(ring: Ring, entry: PlacedEntry): PlacedEntry {
    const isFirst = ring.watermark === NOTHING_READ;
    if (!isFirst && entry.prev !== ring.watermark) {
      this.gapCount += 1;
      ring.entries.length = 0;
      ring.forecastCount = 0;
    }
    ring.watermark = entry.src;
    ring.entries.push(entry);
    ring.forecastCount += entry.forecasts.length;
    // Cut in halves, not one by one: shifting an array costs its length.
    if (ring.forecastCount >= 2 * this.#capacity) this.#cut(ring);
    for (const one of entry.forecasts) this.#remember(one);
    return entry;
  }

  /** Counts forecasts, not entries: a row has one for each of its columns. The newest entry stays, however many it has. */
  #cut(ring: Ring): void {
    let cut = 0;
    while (cut < ring.entries.length - 1 && ring.forecastCount > this.#capacity) {
      ring.forecastCount -= ring.entries[cut].forecasts.length;
      cut += 1;
    }
    ring.entries.splice(0, cut);
  }

  #remember(one: PlacedForecast): void {
    const { symbol } = one.forecast;
    this.#latest.set(symbol, one);
    const history = this.#history.get(symbol) ?? new SymbolHistory();
    this.#history.set(symbol, history);
    history.push(one.forecast);
  }

  #requireLevels(levels: readonly number[]): void {
    if (this.levels.length === 0) this.levels = levels;
    if (levels.join() !== this.levels.join()) {
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
