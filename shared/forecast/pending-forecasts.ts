import { CANDIDATES } from './baselines/ewma-gaussian.ts';
import type { Mutable } from './mutable.ts';
import type { MaturedForecast } from './symbol-scores.ts';

/** What an entry of the ring is. A fresh ring is all zero, which is `none`. */
export const PENDING = { none: 0, warming: 1, scored: 2 } as const;

/**
 * Forecasts that wait for their target: per horizon a ring of as many entries as the horizon has ticks, so that the entry an
 * event overwrites is exactly the one it matures. Float32 slots per symbol; an entry is its kind, the quantiles as issued, and
 * the baseline's standard deviations.
 */
export class PendingForecasts {
  readonly slots: number;
  readonly #horizons: readonly number[];
  readonly #ringAt: readonly number[];
  readonly #entrySize: number;
  readonly #levelCount: number;
  readonly #matured = {} as Mutable<MaturedForecast>;

  constructor(horizons: readonly number[], levelCount: number) {
    this.#horizons = horizons;
    this.#levelCount = levelCount;
    this.#entrySize = 1 + levelCount + CANDIDATES;
    let slots = 0;
    this.#ringAt = horizons.map((horizon) => {
      const at = slots;
      slots += horizon * this.#entrySize;
      return at;
    });
    this.slots = slots;
  }

  /** Slot of the entry that event number `count` (from 1) matures, and then replaces by its own. */
  entryAt(at: number, horizonIndex: number, count: number): number {
    const ring = at + this.#ringAt[horizonIndex];
    return ring + ((count - 1) % this.#horizons[horizonIndex]) * this.#entrySize;
  }

  /** What the newest event, of number `count`, matures; what came of it is the caller's to fill in. Good until the next call. */
  mature(
    f32: Float32Array,
    at: number,
    horizonIndex: number,
    count: number,
  ): Mutable<MaturedForecast> {
    const entry = this.entryAt(at, horizonIndex, count);
    const matured = this.#matured;
    matured.origin = count - this.#horizons[horizonIndex];
    matured.isWarming = f32[entry] === PENDING.warming;
    matured.isScored = f32[entry] === PENDING.scored;
    matured.f32 = f32;
    matured.quantilesAt = this.quantilesAt(entry);
    matured.sigmasAt = this.sigmasAt(entry);
    return matured;
  }

  /** Event number `count` has no forecast. */
  skip(f32: Float32Array, at: number, count: number): void {
    for (let k = 0; k < this.#horizons.length; k += 1)
      f32[this.entryAt(at, k, count)] = PENDING.none;
  }

  /** First of the quantiles of the entry at this slot. */
  quantilesAt(entry: number): number {
    return entry + 1;
  }

  /** First of the baseline's standard deviations of the entry at this slot. */
  sigmasAt(entry: number): number {
    return entry + 1 + this.#levelCount;
  }
}
