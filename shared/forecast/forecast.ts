import type { Measure } from '#shared/market/measure.ts';
import type { SymbolName } from '#shared/market/symbol.ts';

/** The statement about one horizon. Offsets are relative to the origin's value: basis points of log return for `price`, raw units for `value`. */
export interface HorizonForecast {
  /** How far ahead, in forecast events of the symbol. */
  readonly horizonTicks: number;
  /** Offset, float32. */
  readonly point: number;
  /** Offsets, one per level of the pack, never decreasing. */
  readonly quantiles: Float32Array;
  /** What each expert counts in it, in 255ths, in the order of `Forecast.experts`; they sum to 255 but for rounding. */
  readonly weights: Uint8Array;
}

/** One symbol's forecast at one of its ticks, for all horizons. */
export interface Forecast {
  readonly symbol: SymbolName;
  readonly measure: Measure;
  /** 0-based index of the origin among the symbol's forecast events since the start of the tape. */
  readonly origin: number;
  readonly eventTimeNs: bigint;
  readonly originValue: number;
  /** Issued during warm-up: written, but not scored. */
  readonly isWarming: boolean;
  /** sha256 of the model, hex. */
  readonly modelSha: string;
  /** Who speaks in it; the weights of every horizon belong to these. */
  readonly experts: readonly string[];
  readonly horizons: readonly HorizonForecast[];
}

/** All forecasts that one tick record caused. Its identity is (run, partition, src); a repeat is dropped by `src`. */
export interface ForecastEntry {
  /** Offset of the tick record in `ticks`. */
  readonly src: bigint;
  /** `src` of the entry before in this partition, -1 for the first: a reader that sees another one has missed something. */
  readonly prev: bigint;
  readonly forecasts: readonly Forecast[];
}

/** Consecutive entries as one record on `forecasts`. Nothing a forecast says depends on where packs begin or end. */
export interface ForecastPack {
  /** Quantile levels shared by all forecasts of the pack, rising. */
  readonly levels: readonly number[];
  readonly entries: readonly ForecastEntry[];
}
