import type { WireForecast, WireHistory } from '#shared/wire/message.ts';
import { decimalsOf } from './number-text.ts';

/** Points of the past that are kept per symbol, in forecasts. */
export const PAST_POINTS = 600;
const INTERRUPTIONS_KEPT = 20;
/** Values that the decimals are taken from. */
const DECIMALS_FROM = 50;

export interface PastPoint {
  readonly origin: number;
  readonly eventTimeNs: string;
  readonly value: number;
}

/** Origins between which the page heard nothing: `lost` where forecasts are missing for good. */
export interface Interruption {
  readonly after: number;
  readonly until: number;
  readonly kind: 'reconnected' | 'lost';
}

/** What a forecast was, seen from the one before: 'gap' and 'repeat' never happen unless something is lost or sent twice. */
export type Succession = 'next' | 'gap' | 'repeat';

/** The forecasts of one symbol that is listened to: the newest, its past, and where the page was cut off. */
export class Outlook {
  latest: WireForecast;
  past: PastPoint[];
  /** Whole forecasts by origin, oldest first, of the chosen symbol only: what the past bands are drawn from. */
  forecasts: Map<number, WireForecast>;
  decimals: number;
  interruptions: Interruption[] = [];
  #lostAt: number | null = null;

  constructor(latest: WireForecast, history?: WireHistory) {
    this.latest = latest;
    this.forecasts = new Map([[latest.origin, latest]]);
    this.past = pastOf(latest, history);
    this.decimals = decimalsOf(this.past.slice(-DECIMALS_FROM).map(({ value }) => value));
  }

  /** What was known before a snapshot, as far as it goes on. */
  goOnFrom(known: Outlook): void {
    const sameRun = known.latest.origin <= this.latest.origin;
    if (!sameRun) return;
    this.interruptions = known.interruptions;
    this.#lostAt = known.#lostAt;
    this.#endInterruption(this.latest.origin);
    this.forecasts = new Map([...known.forecasts, ...this.forecasts]);
  }

  take(forecast: WireForecast, keepsWhole: boolean): Succession {
    const { origin, eventTimeNs, originValue: value, merged } = forecast;
    const before = this.latest.origin;
    const expected = before + 1 + merged;
    if (origin <= before) return 'repeat';
    this.#endInterruption(origin);
    if (origin > expected) this.#interrupt({ after: before, until: origin, kind: 'lost' });
    this.latest = forecast;
    this.past.push({ origin, eventTimeNs, value });
    this.decimals = Math.max(this.decimals, decimalsOf([value]));
    if (this.past.length > 2 * PAST_POINTS) this.past = this.past.slice(-PAST_POINTS);
    if (keepsWhole) this.#keepWhole(forecast);
    if (origin === expected) return 'next';
    return origin > expected ? 'gap' : 'repeat';
  }

  /** Older forecasts, whole: they fill what was missed and what was conflated. */
  takeOlder(forecasts: readonly WireForecast[]): void {
    const whole = new Map(forecasts.map((one) => [one.origin, one]));
    for (const [origin, forecast] of this.forecasts) whole.set(origin, forecast);
    this.forecasts = inOrder(whole);
    const points = new Map(
      forecasts.map(({ origin, eventTimeNs, originValue: value }) => [
        origin,
        { origin, eventTimeNs, value },
      ]),
    );
    for (const point of this.past) points.set(point.origin, point);
    this.past = [...inOrder(points).values()];
  }

  /** As it is now, whatever comes. */
  copy(): Outlook {
    const copied = new Outlook(this.latest);
    copied.past = [...this.past];
    copied.forecasts = new Map(this.forecasts);
    copied.decimals = this.decimals;
    copied.interruptions = this.interruptions;
    return copied;
  }

  /** From here on nothing is heard. */
  lose(): void {
    this.#lostAt ??= this.latest.origin;
  }

  #endInterruption(origin: number): void {
    const after = this.#lostAt;
    this.#lostAt = null;
    if (after === null || origin <= after + 1) return;
    this.#interrupt({ after, until: origin, kind: 'reconnected' });
  }

  #interrupt(interruption: Interruption): void {
    this.interruptions = [...this.interruptions, interruption].slice(-INTERRUPTIONS_KEPT);
  }

  #keepWhole(forecast: WireForecast): void {
    this.forecasts.set(forecast.origin, forecast);
    for (const known of this.forecasts.keys()) {
      if (this.forecasts.size <= PAST_POINTS) break;
      this.forecasts.delete(known);
    }
  }
}

function pastOf(
  { origin, eventTimeNs, originValue }: WireForecast,
  history?: WireHistory,
): PastPoint[] {
  if (history === undefined || history.values.length === 0) {
    return [{ origin, eventTimeNs, value: originValue }];
  }
  return history.values.map((value, k) => ({
    value,
    origin: history.origins[k],
    eventTimeNs: history.eventTimesNs[k],
  }));
}

function inOrder<T>(byOrigin: ReadonlyMap<number, T>): Map<number, T> {
  return new Map([...byOrigin].sort(([a], [b]) => a - b));
}
