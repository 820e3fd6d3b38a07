import type { WireForecast } from '#shared/wire/message.ts';
import { msOf } from './time-text.ts';

/** Over so long. */
const WINDOW_MS = 10_000;
const AGES_KEPT = 5_000;
/** Beyond this a feed is not live, or the two clocks do not agree. */
const LIVE_MS = 600_000;
const SKEW_MS = 2_000;

/** From a tick to its forecast on this page. */
export interface ArrivalAge {
  readonly p50: number;
  readonly p99: number;
}

/** How old ticks are when their forecasts come to the page: the feed's time against this machine's. */
export class ArrivalAges {
  #ages: { readonly atMs: number; readonly ageMs: number }[] = [];

  /** `nowMs` since 1970 UTC. */
  take(forecasts: readonly WireForecast[], nowMs: number): void {
    for (const { eventTimeNs } of forecasts) {
      this.#ages.push({ atMs: nowMs, ageMs: nowMs - msOf(eventTimeNs) });
    }
    if (this.#ages.length > AGES_KEPT) this.#ages = this.#ages.slice(-AGES_KEPT / 2);
  }

  /** Null without any of the newest ten seconds, and where they say nothing: a feed of the past, clocks that differ. */
  newest(nowMs: number): ArrivalAge | null {
    this.#ages = this.#ages.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS);
    const sorted = this.#ages.map(({ ageMs }) => ageMs).sort((a, b) => a - b);
    if (sorted.length === 0) return null;
    const at = (share: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    const [p50, p99] = [at(0.5), at(0.99)];
    if (sorted[0] < -SKEW_MS || p50 > LIVE_MS) return null;
    return { p50: Math.max(0, p50), p99: Math.max(0, p99) };
  }
}
