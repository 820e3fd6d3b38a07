import type { Quote, Trade } from '#shared/market/tick.ts';

/** What became of a tick. A refused tick changes no state. */
export type TakeOutcome = 'event' | 'context' | 'duplicate' | 'late';

// Nanoseconds since 1970 exceed what a float64 holds exactly, so times are kept as whole seconds and nanoseconds.
const FEED_EPOCH = 0;
const SEQ = 1;
const TICK_SECONDS = 2;
const TICK_NANOS = 3;
const EVENT_SECONDS = 4;
const EVENT_NANOS = 5;

/** Float64 slots that keep a symbol's last feed number, tick time and forecast-event time. */
export const SEQUENCE_SLOTS = 6;

const SECOND_NS = 1_000_000_000n;

/** Before the first tick every number and time is new, those before 1970 too. */
export function beginSequence(state: Float64Array, at: number): void {
  state.fill(Number.NEGATIVE_INFINITY, at, at + SEQUENCE_SLOTS);
}

/** An event time as the slots keep it; reused from tick to tick. */
export interface TickTime {
  seconds: number;
  nanos: number;
}

function readTickTime(eventTimeNs: bigint, into: TickTime): void {
  into.seconds = Number(eventTimeNs / SECOND_NS);
  into.nanos = Number(eventTimeNs % SECOND_NS);
}

/** Null for a tick that comes after all before it. */
function refusalOf(
  state: Float64Array,
  at: number,
  tick: Trade | Quote,
  { seconds, nanos }: TickTime,
): 'duplicate' | 'late' | null {
  const epoch = state[at + FEED_EPOCH];
  const isKnown =
    tick.feedEpoch < epoch || (tick.feedEpoch === epoch && Number(tick.seq) <= state[at + SEQ]);
  if (isKnown) return 'duplicate';
  const last = state[at + TICK_SECONDS];
  return seconds < last || (seconds === last && nanos < state[at + TICK_NANOS]) ? 'late' : null;
}

/**
 * Keeps the number and time of a tick that comes after all before it.
 *
 * @param time what the tick's event time is read into
 * @returns null, or why the tick is refused; then nothing changed
 */
export function takeSequence(
  state: Float64Array,
  at: number,
  tick: Trade | Quote,
  time: TickTime,
): 'duplicate' | 'late' | null {
  readTickTime(tick.eventTimeNs, time);
  const refusal = refusalOf(state, at, tick, time);
  if (refusal !== null) return refusal;
  state[at + FEED_EPOCH] = tick.feedEpoch;
  state[at + SEQ] = Number(tick.seq);
  state[at + TICK_SECONDS] = time.seconds;
  state[at + TICK_NANOS] = time.nanos;
  return null;
}

/** Keeps the time of a forecast event. @returns seconds since the one before; 0 at the first */
export function takeEventTime(
  state: Float64Array,
  at: number,
  { seconds, nanos }: TickTime,
): number {
  const gapNs = (seconds - state[at + EVENT_SECONDS]) * 1e9 + (nanos - state[at + EVENT_NANOS]);
  state[at + EVENT_SECONDS] = seconds;
  state[at + EVENT_NANOS] = nanos;
  return Number.isFinite(gapNs) ? gapNs / 1e9 : 0;
}
