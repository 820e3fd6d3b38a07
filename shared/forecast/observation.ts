import { blankEvent, type FeatureEvent } from '#shared/features/feature.ts';
import {
  FEATURE_SLOTS,
  INPUT_SIZE,
  observeFeatures,
  restartVolatility,
} from '#shared/features/feature-vector.ts';
import type { Quote, Trade } from '#shared/market/tick.ts';
import { ln } from '#shared/numeric/elementary.ts';
import type { ForecasterSettings } from './forecaster-settings.ts';
import { type HorizonScale, horizonScale } from './horizon-scale.ts';
import { KnownBook } from './known-book.ts';
import { learntPriceStep, stepOffset } from './price-step.ts';
import { ScaleBreak, type UsualChange } from './scale-break.ts';
import type { SymbolObservation } from './symbol-observation.ts';
import {
  beginSequence,
  SEQUENCE_SLOTS,
  type TakeOutcome,
  type TickTime,
  takeEventTime,
  takeSequence,
} from './tick-sequence.ts';

/** Slots of one symbol, in this order: sequence, these, book, features, inputs, scales, ring of past values. */
const COUNT = SEQUENCE_SLOTS;
const PRICE = COUNT + 1;
const VALUE = COUNT + 2;
const CHANGE = COUNT + 3;
const STEP = COUNT + 4;
const STEP_IS_TOLD = COUNT + 5;
const ONE_EVENT_VARIANCE = COUNT + 6;
const BREAK = COUNT + 7;
const BREAK_VARIANCE = COUNT + 11;
const BROKEN_AT = COUNT + 12;
const BOOK_AT = COUNT + 13;

/**
 * The part of the fold that forecaster and trainer share: ticks of one symbol -> the network's input, the scale of each horizon
 * and the value that targets are differences of. All state lives in the caller's float64 slots, so it is stored as it is.
 */
export class Observation implements SymbolObservation {
  readonly slots: number;
  readonly inputSize = INPUT_SIZE;
  readonly horizons: readonly number[];
  readonly #isPrice: boolean;
  readonly #events: 'trades' | 'quotes';
  readonly #scales: readonly HorizonScale[];
  readonly #break: ScaleBreak;
  readonly #knownBook: KnownBook;
  readonly #featuresAt: number;
  readonly #inputsAt: number;
  readonly #scalesAt: number;
  readonly #ringAt: number;
  readonly #ringSize: number;
  readonly #event: FeatureEvent = blankEvent();
  readonly #time: TickTime = { seconds: 0, nanos: 0 };
  readonly #usual: UsualChange = { scale: 0, count: 0 };
  readonly #book = { bid: 0, bidSize: 0, ask: 0, askSize: 0 };

  constructor(settings: ForecasterSettings) {
    this.horizons = settings.horizons;
    this.#isPrice = settings.measure === 'price';
    this.#events = settings.events;
    this.#scales = settings.horizons.map(horizonScale);
    // No change over the longest horizon may reach behind the break.
    this.#break = new ScaleBreak(Math.max(...settings.horizons) + 1);
    this.#knownBook = new KnownBook(this.#isPrice);
    this.#featuresAt = BOOK_AT + this.#knownBook.slots;
    this.#inputsAt = this.#featuresAt + FEATURE_SLOTS;
    this.#scalesAt = this.#inputsAt + INPUT_SIZE;
    this.#ringAt = this.#scalesAt + 3 * this.#scales.length;
    this.#ringSize = Math.max(...settings.horizons);
    this.slots = this.#ringAt + this.#ringSize;
  }

  /** @param priceStep in quote currency; NaN where it is to be learnt */
  begin(state: Float64Array, at: number, priceStep: number): void {
    state.fill(0, at, at + this.slots);
    beginSequence(state, at);
    state[at + STEP] = priceStep;
    state[at + STEP_IS_TOLD] = priceStep > 0 ? 1 : 0;
    this.#knownBook.begin(state, at + BOOK_AT);
  }

  /** 'event': a forecast is due here. 'context': only feeds the features. Else the tick is refused and nothing changed. */
  take(state: Float64Array, at: number, tick: Trade | Quote): TakeOutcome {
    const refused = takeSequence(state, at, tick, this.#time);
    if (refused !== null) return refused;
    if (tick.book !== null) this.#knownBook.take(state, at + BOOK_AT, tick.book);
    if ((tick.kind === 'trade') !== (this.#events === 'trades')) return 'context';
    this.#observe(state, at, tick, takeEventTime(state, at, this.#time));
    return 'event';
  }

  /** Forecast events taken so far. The newest has the 0-based index `count - 1`. */
  count(state: Float64Array, at: number): number {
    return state[at + COUNT];
  }

  /** Copies the network's input at the newest event. */
  input(state: Float64Array, at: number, into: Float32Array, intoAt: number): void {
    const from = at + this.#inputsAt;
    for (let k = 0; k < INPUT_SIZE; k += 1) into[intoAt + k] = state[from + k];
  }

  /** sigma_(t,h) at the newest event, offset units. */
  scale(state: Float64Array, at: number, horizonIndex: number): number {
    return state[at + this.#scalesAt + 3 * horizonIndex + 2];
  }

  /** 1e4 ln(price), or the raw value, at the newest event. */
  value(state: Float64Array, at: number): number {
    return state[at + VALUE];
  }

  /** Price in quote currency, or the raw value, at the newest event. */
  price(state: Float64Array, at: number): number {
    return state[at + PRICE];
  }

  /** Smallest step of the price, quote currency, as told or learnt; NaN before it is known. */
  priceStep(state: Float64Array, at: number): number {
    return state[at + STEP];
  }

  /** `value` minus that of the event before. */
  change(state: Float64Array, at: number): number {
    return state[at + CHANGE];
  }

  /** The h-change that the newest event completed; NaN before there is one. Valid until the next `take`. */
  realised(state: Float64Array, at: number, horizonIndex: number): number {
    const horizon = this.horizons[horizonIndex];
    const count = state[at + COUNT];
    if (count <= horizon) return Number.NaN;
    return state[at + VALUE] - this.#past(state, at, count, horizon);
  }

  /** Variance of one-event changes from now on, where the newest event showed that their size has changed for good; else 0. */
  breakVariance(state: Float64Array, at: number): number {
    return state[at + BREAK_VARIANCE];
  }

  /** Forecast events when the size of the changes was last seen to have changed for good; 0 before that. */
  brokenAt(state: Float64Array, at: number): number {
    return state[at + BROKEN_AT];
  }

  /** The smallest step of the price as an offset. */
  stepOffset(state: Float64Array, at: number): number {
    const rms = Math.sqrt(state[at + ONE_EVENT_VARIANCE]);
    return stepOffset(state[at + STEP], state[at + PRICE], rms, this.#isPrice);
  }

  #observe(state: Float64Array, at: number, tick: Trade | Quote, gapSeconds: number): void {
    const price = tick.kind === 'trade' ? tick.price : (tick.book.bid + tick.book.ask) / 2;
    const value = this.#isPrice ? 1e4 * ln(price) : price;
    const count = state[at + COUNT] + 1;
    const change = count === 1 ? 0 : value - state[at + VALUE];
    if (count > 1) {
      // The ring keeps the values before the newest one; slot (n - 1) mod size holds that of event n.
      state[at + this.#ringAt + ((count - 2) % this.#ringSize)] = state[at + VALUE];
      if (state[at + STEP_IS_TOLD] === 0) {
        state[at + STEP] = learntPriceStep(state[at + STEP], state[at + PRICE], price);
      }
    }
    state[at + COUNT] = count;
    state[at + PRICE] = price;
    state[at + VALUE] = value;
    state[at + CHANGE] = change;
    this.#usual.scale = Math.sqrt(state[at + ONE_EVENT_VARIANCE]);
    this.#usual.count = count;
    const variance = this.#break.observe(state, at + BREAK, change, this.#usual);
    state[at + BREAK_VARIANCE] = variance;
    this.#fillEvent(state, at, tick, gapSeconds);
    observeFeatures(this.#event, state, at + this.#featuresAt, state, at + this.#inputsAt);
    this.#observeScales(state, at, count);
    if (variance > 0) this.#restartScales(state, at, variance);
  }

  #fillEvent(state: Float64Array, at: number, tick: Trade | Quote, gapSeconds: number): void {
    const event = this.#event;
    const count = state[at + COUNT];
    const change = state[at + CHANGE];
    // The plain mean of all squared changes settles the step's stand-in before any half-life has filled.
    state[at + ONE_EVENT_VARIANCE] +=
      (change * change - state[at + ONE_EVENT_VARIANCE]) / Math.min(count, 300);
    event.count = count;
    event.isPrice = this.#isPrice;
    event.value = state[at + VALUE];
    event.change = change;
    event.price = state[at + PRICE];
    event.gapSeconds = gapSeconds;
    event.size = tick.kind === 'trade' ? tick.size : 0;
    event.side = tick.kind === 'trade' ? tick.side : 0;
    event.stepOffset = this.stepOffset(state, at);
    event.book = null;
    if (!this.#knownBook.isKnown(state, at + BOOK_AT)) return;
    event.book = this.#book;
    this.#knownBook.read(state, at + BOOK_AT, this.#book);
    this.#knownBook.takeNews(state, at + BOOK_AT, event.bookNews);
  }

  #observeScales(state: Float64Array, at: number, count: number): void {
    const step = this.#event.stepOffset;
    for (let k = 0; k < this.#scales.length; k += 1) {
      const slot = at + this.#scalesAt + 3 * k;
      const realisedCount = count - this.horizons[k];
      this.#scales[k].observe(state, slot, this.realised(state, at, k), realisedCount);
      state[slot + 2] = this.#scales[k].scale(
        state,
        slot,
        realisedCount,
        state[at + ONE_EVENT_VARIANCE],
        step,
      );
    }
  }

  /** As for a new symbol: the variance of one event stands in until more is known. */
  #restartScales(state: Float64Array, at: number, variance: number): void {
    state[at + BROKEN_AT] = state[at + COUNT];
    state[at + ONE_EVENT_VARIANCE] = variance;
    restartVolatility(state, at + this.#featuresAt, variance);
    const least = this.stepOffset(state, at) / 4;
    for (let k = 0; k < this.#scales.length; k += 1) {
      const slot = at + this.#scalesAt + 3 * k;
      state.fill(this.horizons[k] * variance, slot, slot + 2);
      state[slot + 2] = Math.max(Math.sqrt(state[slot]), least);
    }
  }

  #past(state: Float64Array, at: number, count: number, horizon: number): number {
    return state[at + this.#ringAt + ((count - 1 - horizon) % this.#ringSize)];
  }
}
