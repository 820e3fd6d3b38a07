import type { Book } from '#shared/market/tick.ts';

/** What became of the book between two forecast events. */
export interface BookNews {
  /** Size that came to the bid and left the ask, less what left the bid and came to the ask (order flow imbalance). */
  flow: number;
  /** Times that it changed. */
  updates: number;
  /** Of its middle, as an offset. */
  middleChange: number;
  /** EWMA of the squared change of the middle per update, half-life 20 updates; not of this span alone. */
  middleVariance: number;
}

/**
 * One forecast event of one symbol as the features see it. The object is reused from event to event: nothing may keep it.
 * `offset` is basis points of log return for `price`, raw units for `value`.
 */
export interface FeatureEvent {
  /** Forecast events of this symbol with this one, from 1. */
  count: number;
  /** Offsets are basis points of log return; else raw units. */
  isPrice: boolean;
  /** 1e4 ln(price), or the raw value. */
  value: number;
  /** `value` minus that of the event before; 0 at the first. */
  change: number;
  /** Price in quote currency, or the raw value. */
  price: number;
  /** Seconds since the event before; 0 at the first. */
  gapSeconds: number;
  /** Traded quantity; 0 unknown. */
  size: number;
  side: number;
  /** Best bid and ask last received; null where the source has none. */
  book: Book | null;
  /** Since the event before. */
  readonly bookNews: BookNews;
  /** The smallest step of the price as an offset. */
  stepOffset: number;
  /** Root mean square of `change` over half-lives of 20, 200, 2000 events: left here by `volatility` for those after it. */
  rms20: number;
  rms200: number;
  rms2000: number;
}

/**
 * Some numbers derived from the ticks seen so far, with their running state. A feature reads the event and its own slots only,
 * allocates nothing, and is the same function of the same history on every machine.
 */
export interface Feature {
  /** Name and unit of each input it gives, in order. */
  readonly inputs: readonly string[];
  /** Float64 slots of running state, all zero for a fresh symbol. */
  readonly slots: number;
  /** Events after which its inputs mean what they say. */
  readonly warmUpEvents: number;
  /** Takes the event in, then writes its inputs, not yet clipped. */
  observe(
    event: FeatureEvent,
    state: Float64Array,
    at: number,
    inputs: Float64Array,
    inputsAt: number,
  ): void;
}

/** An event that holds nothing yet; filled anew at every use. */
export function blankEvent(): FeatureEvent {
  return {
    count: 0,
    isPrice: true,
    value: 0,
    change: 0,
    price: 0,
    gapSeconds: 0,
    size: 0,
    side: 0,
    book: null,
    bookNews: { flow: 0, updates: 0, middleChange: 0, middleVariance: 0 },
    stepOffset: 0,
    rms20: 0,
    rms200: 0,
    rms2000: 0,
  };
}
