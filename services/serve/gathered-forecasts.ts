import type { PlacedEntry } from './forecast-rings.ts';
import type { SymbolFilter } from './symbol-filter.ts';
import { forecastText, type PlacedForecast } from './wire-forecast.ts';

interface Held {
  readonly placed: PlacedForecast;
  readonly merged: number;
}

interface OpenCover {
  after: bigint;
  upTo: bigint;
}

/**
 * What the next frame of a subscription will hold, and which stretch of each partition it covers. Conflated: the newest
 * forecast of each symbol, counting those it stands for; otherwise all of them.
 */
export class GatheredForecasts {
  readonly #filter: SymbolFilter;
  readonly #isConflated: boolean;
  readonly #covers = new Map<number, OpenCover>();
  #all: Held[] = [];
  readonly #newest = new Map<string, Held>();

  constructor(filter: SymbolFilter, options: { isConflated: boolean }) {
    this.#filter = filter;
    this.#isConflated = options.isConflated;
  }

  /** Forecasts in the frame. */
  get size(): number {
    return this.#all.length + this.#newest.size;
  }

  /** Whether nothing at all was added, not even an entry without a wanted forecast. */
  get isEmpty(): boolean {
    return this.#covers.size === 0;
  }

  add(entry: PlacedEntry): void {
    this.#extend(entry.partition, entry.prev, entry.src);
    for (const placed of entry.forecasts) {
      if (this.#filter.has(placed.forecast.symbol)) this.#hold({ placed, merged: 0 });
    }
  }

  /** Takes in a later gathering of the same filter. */
  absorb(later: GatheredForecasts): void {
    for (const [partition, cover] of later.#covers) {
      this.#extend(partition, cover.after, cover.upTo);
    }
    for (const held of later.#held()) this.#hold(held);
  }

  clear(): void {
    this.#covers.clear();
    this.#all = [];
    this.#newest.clear();
  }

  /** An `update` message. */
  frame(nowMs: number, levels: readonly number[]): string {
    const covers: Record<string, { after: string; upTo: string }> = {};
    for (const [partition, { after, upTo }] of this.#covers) {
      covers[partition] = { after: `${after}`, upTo: `${upTo}` };
    }
    const forecasts: string[] = [];
    for (const { placed, merged } of this.#held()) forecasts.push(forecastText(placed, merged));
    const head = JSON.stringify({ type: 'update', sentMs: nowMs, levels, covers });
    return `${head.slice(0, -1)},"forecasts":[${forecasts.join(',')}]}`;
  }

  #held(): Iterable<Held> {
    return this.#isConflated ? this.#newest.values() : this.#all;
  }

  #hold(held: Held): void {
    if (!this.#isConflated) {
      this.#all.push(held);
      return;
    }
    const { symbol } = held.placed.forecast;
    const older = this.#newest.get(symbol);
    // Deleted first, so that the frame's order is that of the newest forecasts.
    this.#newest.delete(symbol);
    const merged = held.merged + (older === undefined ? 0 : older.merged + 1);
    this.#newest.set(symbol, { placed: held.placed, merged });
  }

  #extend(partition: number, after: bigint, upTo: bigint): void {
    const cover = this.#covers.get(partition);
    // Behind a gap the cover begins anew: its `after` is then above the client's position, which tells the client.
    if (cover === undefined || after > cover.upTo) this.#covers.set(partition, { after, upTo });
    else cover.upTo = upTo;
  }
}
