import { ewmaRate, ewmaStep } from '#shared/features/ewma.ts';
import { ErrorQuantiles, type MetChange } from './error-quantiles.ts';
import { ErrorWeight, type MetTarget } from './error-weight.ts';
import { SimplexWeights } from './simplex-weights.ts';

/** Errors before the spread of the mix is its own; until then it is that of the change itself. */
const FIRST_OWN = 50;
/** A squared error counts at most this many times the mean so far. */
const LARGEST_SQUARE = 16;
/** Half-lives of the experts' records and of the spread of the mix's errors. */
const MEMORY_SEASONS = 14;
const SPREAD_SEASONS = 7;
/** No expert's change, and no error that weighs experts, counts beyond so many scales: one stuck sensor would decide for weeks. */
const LARGEST_CHANGE = 3;
const LARGEST_ERROR = 16;
const COUNT = 0;
const MEAN_SQUARE = 1;
const QUANTILES = 2;

export interface PointMixOptions {
  /** The first of them is the last value. */
  readonly experts: number;
  readonly levels: readonly number[];
  readonly horizonTicks: number;
  readonly seasonTicks: number;
}

/** Where the state of one symbol and horizon lies; the ring keeps what was issued until it matures. */
export interface MixPlace {
  readonly f64: Float64Array;
  readonly f64At: number;
  readonly f32: Float32Array;
  readonly f32At: number;
}

/** What the experts say of one horizon. */
export interface SpokenChanges {
  /** One per expert, of which number `k` is this horizon's. */
  readonly rows: readonly Float64Array[];
  readonly k: number;
  /** Usual size of the change. */
  readonly scale: number;
}

/**
 * One horizon of one symbol: the experts' points weighed against one another, and quantiles about the mix from its own errors so
 * far.
 */
export class PointMix {
  readonly f64Slots: number;
  readonly f32Slots: number;
  readonly #options: PointMixOptions;
  readonly #weights: SimplexWeights;
  readonly #quantiles: ErrorQuantiles;
  readonly #errorWeight: ErrorWeight;
  readonly #rate: number;
  readonly #errorWeightAt: number;
  readonly #weightsAt: number;
  readonly #errors: Float64Array;
  // Written anew for each target: the fold makes no objects but what it hands out.
  readonly #target = {} as { -readonly [K in keyof MetTarget]: MetTarget[K] };

  constructor(options: PointMixOptions) {
    const { experts, levels, horizonTicks, seasonTicks } = options;
    this.#options = options;
    const forgetting = 1 - ewmaRate(MEMORY_SEASONS * seasonTicks);
    this.#weights = new SimplexWeights({ experts, forgetting, overlap: horizonTicks });
    this.#quantiles = new ErrorQuantiles(levels, horizonTicks);
    this.#rate = ewmaRate(SPREAD_SEASONS * seasonTicks);
    this.#errorWeight = new ErrorWeight(this.#rate);
    this.#errorWeightAt = QUANTILES + this.#quantiles.slots;
    this.#weightsAt = this.#errorWeightAt + this.#errorWeight.slots;
    this.#errors = new Float64Array(experts);
    this.f64Slots = this.#weightsAt + this.#weights.slots;
    this.f32Slots = horizonTicks * (experts + 1);
  }

  /**
   * Learns from the forecast that event number `count` matures, before a new one takes its place.
   *
   * @param met   its quantiles lie in the array of what was issued
   * @param scale usual size of the change
   */
  mature(place: MixPlace, count: number, met: MetChange, scale: number): void {
    const { f64, f64At, f32, f32At } = place;
    const { happened } = met;
    const entry = this.#entryAt(f32At, count);
    const error = happened - f32[entry + this.#options.experts];
    const known = f64[f64At + COUNT] + 1;
    f64[f64At + COUNT] = known;
    const target = this.#target;
    target.error = error;
    target.change = happened;
    target.scale = scale;
    target.count = known;
    target.independent = this.#weights.independent(f64, f64At + this.#weightsAt);
    this.#learnWeights(place, entry, target);
    const mean = f64[f64At + MEAN_SQUARE];
    const square = error * error;
    const isOwn = known > FIRST_OWN && mean > 0;
    const counted = isOwn ? Math.min(square, LARGEST_SQUARE * mean) : square;
    f64[f64At + MEAN_SQUARE] = ewmaStep(mean, counted, this.#rate, known);
    if (isOwn) this.#quantiles.learn(f64, f64At + QUANTILES, f32, met);
  }

  /**
   * Weighs the experts and keeps what they say.
   *
   * @param quantiles one per level, overwritten
   * @returns the mix
   */
  mix(
    { f64, f64At, f32, f32At }: MixPlace,
    count: number,
    { rows, k, scale }: SpokenChanges,
    quantiles: Float64Array,
  ): number {
    const entry = this.#entryAt(f32At, count);
    let point = 0;
    for (let j = 0; j < rows.length; j += 1) {
      const change = bounded(rows[j][k], LARGEST_CHANGE * scale);
      point += this.#weights.weight(f64, f64At + this.#weightsAt, j) * change;
      f32[entry + j] = change;
    }
    f32[entry + rows.length] = point;
    const isOwn = f64[f64At + COUNT] > FIRST_OWN;
    const spread = isOwn ? Math.sqrt(f64[f64At + MEAN_SQUARE]) : scale;
    this.#quantiles.write(f64, f64At + QUANTILES, spread, quantiles);
    for (let l = 0; l < quantiles.length; l += 1) quantiles[l] += point;
    return point;
  }

  /** Writes what each expert counts, in 255ths. */
  shares({ f64, f64At }: MixPlace, into: Uint8Array): void {
    for (let j = 0; j < this.#options.experts; j += 1) {
      into[j] = Math.round(255 * this.#weights.weight(f64, f64At + this.#weightsAt, j));
    }
  }

  #learnWeights({ f64, f64At, f32 }: MixPlace, entry: number, target: MetTarget): void {
    const { change, scale } = target;
    const root = Math.sqrt(this.#errorWeight.weigh(f64, f64At + this.#errorWeightAt, target));
    for (let j = 0; j < this.#errors.length; j += 1) {
      this.#errors[j] = root * bounded(f32[entry + j] - change, LARGEST_ERROR * scale);
    }
    this.#weights.learn(f64, f64At + this.#weightsAt, this.#errors);
  }

  #entryAt(at: number, count: number): number {
    const { experts, horizonTicks } = this.#options;
    return at + ((count - 1) % horizonTicks) * (experts + 1);
  }
}

function bounded(change: number, largest: number): number {
  return Math.max(-largest, Math.min(largest, change));
}
