import type { Measure } from '#shared/market/measure.ts';
import type { WarmUp } from './replay-arguments.ts';

/** What a replay is asked for, checked. */
export interface ReplayRequest {
  /** A file, or a folder of files that are merged by event time. */
  readonly input: string;
  readonly layout: 'ticks' | 'wide';
  readonly symbolFrom: 'column' | 'file';
  readonly events: 'trades' | 'quotes';
  readonly measure: Measure;
  readonly horizons: readonly number[];
  readonly warmUp: WarmUp;
  readonly seed: number;
  readonly doesTrain: boolean;
  readonly badRows: 'fail' | 'reject';
  readonly output: OutputRequest;
  /** Starts over where a replay with the same arguments was cut off. */
  readonly isFresh: boolean;
  /** Leaves the work folder (log, state, models) when all is done. */
  readonly keepsWork: boolean;
}

export interface OutputRequest {
  /** Null: forecasts are made and scored, but not written. */
  readonly forecasts: string | null;
  readonly shape: 'wide' | 'long';
  readonly columns: 'point' | 'point,quantiles';
  /** Null: beside the forecasts. */
  readonly rejects: string | null;
}
