import type { Quote, Trade } from '#shared/market/tick.ts';
import type { TakeOutcome } from './tick-sequence.ts';

/**
 * The part of the fold that forecaster and trainer share, for one kind of forecast: ticks of one symbol -> the network's input, and
 * for each of its targets how far ahead it lies, its scale and the value that it is a difference of. All state lies in the
 * caller's float64 slots, from `at`.
 */
export interface SymbolObservation {
  readonly slots: number;
  readonly inputSize: number;
  /** Ticks ahead of each target of the network; a horizon may stand here more than once, in several scales. */
  readonly horizons: readonly number[];
  /** @param priceStep in quote currency; NaN where it is to be learnt */
  begin(state: Float64Array, at: number, priceStep: number): void;
  /** 'event': a forecast is due here. 'context': only feeds the features. Else the tick is refused and nothing changed. */
  take(state: Float64Array, at: number, tick: Trade | Quote): TakeOutcome;
  /** Forecast events taken so far. The newest has the 0-based index `count - 1`. */
  count(state: Float64Array, at: number): number;
  /** Copies the network's input at the newest event. */
  input(state: Float64Array, at: number, into: Float32Array, intoAt: number): void;
  /** Scale of target k at the newest event, in the unit of `value`. */
  scale(state: Float64Array, at: number, k: number): number;
  /** What targets are differences of, at the newest event. */
  value(state: Float64Array, at: number): number;
  /** Price in quote currency, or the raw value, at the newest event. */
  price(state: Float64Array, at: number): number;
}
