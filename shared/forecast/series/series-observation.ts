import { ewmaRate, ewmaStep } from '#shared/features/ewma.ts';
import type { Quote, Trade } from '#shared/market/tick.ts';
import { ln } from '#shared/numeric/elementary.ts';
import { ScaleBreak, type UsualChange } from '../scale-break.ts';
import type { SymbolObservation } from '../symbol-observation.ts';
import {
  beginSequence,
  SEQUENCE_SLOTS,
  type TakeOutcome,
  type TickTime,
  takeSequence,
} from '../tick-sequence.ts';
import { boundedStep, FIRST_BOUNDED } from './bounded-step.ts';
import { putClock, WEEK } from './season-clock.ts';
import { SeasonProfile } from './season-profile.ts';
import { horizonGrid, type SeriesShape, seasonBefore } from './series-shape.ts';

const COUNT = SEQUENCE_SLOTS;
const VALUE = COUNT + 1;
const CHANGE = COUNT + 2;
const MEAN = COUNT + 3;
const VARIANCE = COUNT + 4;
const SLOW_STEP = COUNT + 5;
const FAST_STEP = COUNT + 6;
const LEVEL = COUNT + 7;
const LEVEL_VARIANCE = COUNT + 8;
const STEP_VARIANCE = COUNT + 9;
const BREAK = COUNT + 10;
const BROKEN_AT = COUNT + 14;
const SCALES = COUNT + 15;

const RECENT_LAGS = [1, 2, 3, 4, 6, 8, 12] as const;
const STATE_INPUTS = 7;
const CLOCK_INPUTS = 6;
/** No input is further from zero. */
const BOUND = 6;
/** Seasons of the half-life of the scales that hardly move. */
const STATIC_SEASONS = 100;

/**
 * Features and scales of a regular series (docs/model.md): where the value stands against its running mean, what it did of
 * late, what it did one season and seven seasons before each of the horizons, and the phase of the season. Each horizon is a target
 * twice: in a scale that hardly moves, and in one that follows the series' spread of the last seven seasons.
 */
export class SeriesObservation implements SymbolObservation {
  readonly slots: number;
  readonly inputSize: number;
  readonly horizons: readonly number[];
  readonly #shape: SeriesShape;
  readonly #grid: readonly number[];
  readonly #rates: Readonly<Record<'mean' | 'variance' | 'fast' | 'static', number>>;
  readonly #profile: SeasonProfile;
  readonly #profileAt: number;
  readonly #break: ScaleBreak;
  readonly #ringAt: number;
  readonly #ringSize: number;
  readonly #time: TickTime = { seconds: 0, nanos: 0 };
  readonly #usual: UsualChange = { scale: 0, count: 0 };

  constructor(shape: SeriesShape) {
    const { seasonTicks: S, horizons } = shape;
    this.#shape = shape;
    this.horizons = [...horizons, ...horizons];
    this.#grid = horizonGrid(shape);
    this.inputSize = STATE_INPUTS + 2 * this.#grid.length + RECENT_LAGS.length + CLOCK_INPUTS;
    this.#rates = {
      mean: ewmaRate(S),
      variance: ewmaRate(WEEK * S),
      fast: ewmaRate(S / 4),
      static: ewmaRate(Math.max(2000, STATIC_SEASONS * S)),
    };
    this.#break = new ScaleBreak(2 * S);
    this.#profile = new SeasonProfile(S);
    this.#profileAt = SCALES + 2 * horizons.length;
    this.#ringAt = this.#profileAt + this.#profile.slots;
    this.#ringSize = WEEK * S + Math.max(...horizons) + 1;
    this.slots = this.#ringAt + this.#ringSize;
  }

  begin(state: Float64Array, at: number): void {
    state.fill(0, at, at + this.slots);
    beginSequence(state, at);
  }

  take(state: Float64Array, at: number, tick: Trade | Quote): TakeOutcome {
    const refused = takeSequence(state, at, tick, this.#time);
    if (refused !== null) return refused;
    if (tick.kind !== 'trade') return 'context';
    const count = state[at + COUNT] + 1;
    state[at + CHANGE] = count === 1 ? 0 : tick.price - state[at + VALUE];
    state[at + COUNT] = count;
    state[at + VALUE] = tick.price;
    state[at + this.#ringAt + ((count - 1) % this.#ringSize)] = tick.price;
    this.#observe(state, at, count);
    return 'event';
  }

  count(state: Float64Array, at: number): number {
    return state[at + COUNT];
  }

  value(state: Float64Array, at: number): number {
    return state[at + VALUE];
  }

  price(state: Float64Array, at: number): number {
    return state[at + VALUE];
  }

  change(state: Float64Array, at: number): number {
    return state[at + CHANGE];
  }

  /** Events when the size of changes was last seen to have changed for good; 0 before. */
  brokenAt(state: Float64Array, at: number): number {
    return state[at + BROKEN_AT];
  }

  /** Value `lag` ticks before the newest; the first one where the series has not been that long. */
  past(state: Float64Array, at: number, lag: number): number {
    const count = state[at + COUNT];
    const index = Math.max(0, count - 1 - lag);
    return state[at + this.#ringAt + (index % this.#ringSize)];
  }

  /** The change that would bring the value to where it usually stands, `horizon` ticks ahead. */
  usualChange(state: Float64Array, at: number, horizon: number): number {
    const usual = this.#profile.usual(state, at + this.#profileAt, state[at + COUNT], horizon);
    return state[at + MEAN] + usual - state[at + VALUE];
  }

  /** How far the newest value stood from what was usual for it. */
  residual(state: Float64Array, at: number): number {
    return this.#profile.residual(state, at + this.#profileAt);
  }

  /** The change over the k-th horizon that the newest event completed; NaN before there is one. */
  realised(state: Float64Array, at: number, k: number): number {
    const horizon = this.horizons[k];
    if (state[at + COUNT] <= horizon) return Number.NaN;
    return state[at + VALUE] - this.past(state, at, horizon);
  }

  scale(state: Float64Array, at: number, k: number): number {
    const root = Math.sqrt(state[at + SCALES + k]);
    if (k < this.#shape.horizons.length) return root + this.#smallest(state, at);
    return (root + 1e-3) * this.spread(state, at);
  }

  /** Root of the variance about the running mean, over seven seasons; never zero. */
  spread(state: Float64Array, at: number): number {
    return Math.sqrt(state[at + VARIANCE]) + this.#smallest(state, at);
  }

  /** The value's distance from its long-run level, in long-run standard deviations. */
  standing(state: Float64Array, at: number): number {
    return (state[at + VALUE] - state[at + LEVEL]) / this.unit(state, at);
  }

  /** Long-run standard deviation about the long-run level; never zero. */
  unit(state: Float64Array, at: number): number {
    return Math.sqrt(state[at + LEVEL_VARIANCE]) + this.#smallest(state, at);
  }

  input(state: Float64Array, at: number, into: Float32Array, intoAt: number): void {
    const { seasonTicks: S } = this.#shape;
    const value = state[at + VALUE];
    const spread = this.spread(state, at);
    const slow = Math.sqrt(state[at + SLOW_STEP]) + this.#smallest(state, at);
    const fast = Math.sqrt(state[at + FAST_STEP]) + this.#smallest(state, at);
    const back = (lag: number): number => (this.past(state, at, lag) - value) / spread;
    let slot = intoAt;
    const put = (input: number): void => {
      into[slot] = Math.max(-BOUND, Math.min(BOUND, input));
      slot += 1;
    };
    put((value - state[at + MEAN]) / spread);
    put(state[at + CHANGE] / slow);
    put(-back(2));
    put(-back(S));
    put(-back(WEEK * S));
    put(ln(fast / slow));
    put(this.residual(state, at) / spread);
    for (const horizon of this.#grid) {
      put(back(seasonBefore(horizon, S)));
      put(this.usualChange(state, at, horizon) / spread);
    }
    for (const lag of RECENT_LAGS) put(back(lag));
    putClock(state[at + COUNT], S, put);
  }

  #observe(state: Float64Array, at: number, count: number): void {
    const rates = this.#rates;
    const value = state[at + VALUE];
    const variance = this.#brokenVariance(state, at, count);
    const square = state[at + CHANGE] * state[at + CHANGE];
    state[at + MEAN] = ewmaStep(state[at + MEAN], value, rates.mean, count);
    const off = value - state[at + MEAN];
    state[at + VARIANCE] = ewmaStep(state[at + VARIANCE], off * off, rates.variance, count);
    const usual = { off, spread: this.spread(state, at) };
    this.#profile.observe(state, at + this.#profileAt, count, usual);
    state[at + SLOW_STEP] = ewmaStep(state[at + SLOW_STEP], square, rates.variance, count);
    state[at + FAST_STEP] = ewmaStep(state[at + FAST_STEP], square, rates.fast, count);
    state[at + LEVEL] = ewmaStep(state[at + LEVEL], value, rates.static, count);
    this.#observeScale(state, at + LEVEL_VARIANCE, value - state[at + LEVEL], count);
    this.#observeScale(state, at + STEP_VARIANCE, state[at + CHANGE], count);
    const K = this.#shape.horizons.length;
    for (let k = 0; k < K; k += 1) {
      const known = count - this.#shape.horizons[k];
      if (known < 1) continue;
      const realised = this.realised(state, at, k);
      this.#observeScale(state, at + SCALES + k, realised, known);
      this.#observeScale(state, at + SCALES + K + k, realised / usual.spread, known);
    }
    if (variance > 0) this.#rescale(state, at, variance / state[at + STEP_VARIANCE]);
  }

  /** Of one-event changes, where the newest event shows that their size has changed for good; else 0. */
  #brokenVariance(state: Float64Array, at: number, count: number): number {
    const change = state[at + CHANGE];
    // The first move of a series that stood still until now says all that is known.
    if (state[at + STEP_VARIANCE] === 0 && count > FIRST_BOUNDED) return change * change;
    this.#usual.scale = Math.sqrt(state[at + STEP_VARIANCE]) + this.#smallest(state, at);
    this.#usual.count = count;
    return this.#break.observe(state, at + BREAK, change, this.#usual);
  }

  /** What is bounded goes on in the new size; what is not has followed by itself where changes grew. */
  #rescale(state: Float64Array, at: number, factor: number): void {
    state[at + BROKEN_AT] = state[at + COUNT];
    state[at + LEVEL] = state[at + MEAN];
    for (const slot of [LEVEL_VARIANCE, STEP_VARIANCE]) state[at + slot] *= factor;
    const end = at + SCALES + this.#shape.horizons.length;
    for (let slot = at + SCALES; slot < end; slot += 1) state[slot] *= factor;
    if (factor > 1) return;
    for (const slot of [VARIANCE, SLOW_STEP, FAST_STEP]) state[at + slot] *= factor;
    this.#profile.rescale(state, at + this.#profileAt, Math.sqrt(factor));
  }

  #observeScale(state: Float64Array, slot: number, change: number, count: number): void {
    state[slot] = boundedStep(state[slot], change, this.#rates.static, count);
  }

  /** Keeps quotients finite where nothing moves, in whatever unit. */
  #smallest(state: Float64Array, at: number): number {
    return 1e-9 * Math.abs(state[at + VALUE]) + 1e-150;
  }
}
