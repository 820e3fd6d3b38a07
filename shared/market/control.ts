/**
 * What travels between ticks in every partition of `ticks` and takes effect at its own offset: a run's settings, a training
 * boundary, and the boundary's outcome. Everything asynchronous that a forecast depends on is one of these.
 */
export type Control = BeginControl | TrainControl | SwitchControl | RefuseControl;

/** The first record of every partition. Settings the fold needs and that the tape alone does not tell. */
export interface BeginControl {
  readonly kind: 'begin';
  /** Origins before this event time are warm-up; decimal nanoseconds. Absent: warm-up is counted in ticks per symbol. */
  readonly warmUpUntilNs?: string;
  /** Warm-up as ticks of each symbol, where it is not an event time. */
  readonly warmUpTicks?: number;
  /** The members of each group that arrives as rows, in column order. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** The smallest price step of a symbol where the source or the user tells it; else it is learnt from the past. */
  readonly priceSteps?: Readonly<Record<string, number>>;
}

/** The half-open range of offsets of one partition of `ticks`, decimal. */
export interface OffsetRange {
  readonly partition: number;
  readonly from: string;
  readonly to: string;
}

/** Training number `id` uses exactly the ticks in `ranges`. */
export interface TrainControl {
  readonly kind: 'train';
  readonly id: number;
  readonly ranges: readonly OffsetRange[];
  readonly seed: number;
}

/** From this offset on, forecasts come from the model with this sha256 (hex). `refresh`: same lineage, h and c are carried. */
export interface SwitchControl {
  readonly kind: 'switch';
  readonly id: number;
  readonly sha: string;
  readonly how: 'refresh';
}

/** Training number `id` made nothing better; the model stays. */
export interface RefuseControl {
  readonly kind: 'refuse';
  readonly id: number;
  readonly reason: string;
}
