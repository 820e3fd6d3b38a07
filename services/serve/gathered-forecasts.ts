import type { Succession } from './stream-bases.ts';
import type { PlacedForecast } from './wire-forecast.ts';

export interface HeldForecast {
  readonly placed: PlacedForecast;
  readonly merged: number;
  /** What deltas of it are made from; null where nobody asked for them, and where there can be none. */
  readonly succession: Succession | null;
}

/** The forecasts of a subscription's next frame. Conflated: the newest of each symbol, counting those it stands for. */
export class GatheredForecasts {
  readonly #isConflated: boolean;
  #all: HeldForecast[] = [];
  readonly #newest = new Map<string, HeldForecast>();

  constructor(options: { isConflated: boolean }) {
    this.#isConflated = options.isConflated;
  }

  get size(): number {
    return this.#all.length + this.#newest.size;
  }

  /** `held` may be shared by many gatherings. */
  add(held: HeldForecast): void {
    if (this.#isConflated) this.#conflate(held);
    else this.#all.push(held);
  }

  /** Takes in a later gathering, for one that will be told it whole: bytes of deltas share their memory, and are let go. */
  absorb(later: GatheredForecasts): void {
    for (const held of later.held()) this.add({ ...held, succession: null });
  }

  clear(): void {
    this.#all = [];
    this.#newest.clear();
  }

  /** In the order of the newest of each. */
  held(): HeldForecast[] {
    return this.#isConflated ? [...this.#newest.values()] : this.#all;
  }

  #conflate(held: HeldForecast): void {
    const { symbol } = held.placed;
    const older = this.#newest.get(symbol);
    // Deleted first, so that the frame's order is that of the newest forecasts.
    this.#newest.delete(symbol);
    if (older === undefined) this.#newest.set(symbol, held);
    else this.#newest.set(symbol, { ...held, merged: held.merged + older.merged + 1 });
  }
}
