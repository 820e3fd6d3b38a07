import type { HealthMessage } from '#shared/wire/message.ts';
import type { ForecastRings, PlacedEntry } from './forecast-rings.ts';

/** Over so long latencies are taken. */
const WINDOW_MS = 10_000;
/** Batches of ticks whose coming in is remembered per partition, and latencies in all: bounds, not limits one meets. */
const BATCHES_KEPT = 512;
const LATENCIES_KEPT = 20_000;
/** A forecast is stale after ten usual gaps of its symbol, and 30 s at least. */
const STALE_GAPS = 10;
const STALE_MS = 30_000;
/** Weight of the newest gap in a symbol's usual one. */
const GAP_WEIGHT = 0.1;

interface Pace {
  lastMs: number;
  gapMs: number;
}

interface TickBatch {
  readonly upTo: bigint;
  readonly atMs: number;
}

/** What the gateway knows of its feed's pulse: rates, latencies, symbols that fell silent. Bounded, and cheap per forecast. */
export class GatewayHealth {
  readonly #startMs: number;
  readonly #paces = new Map<string, Pace>();
  readonly #batches = new Map<number, TickBatch[]>();
  #latencies: { readonly atMs: number; readonly ms: number }[] = [];
  #counts = { ticks: 0, forecasts: 0, sinceMs: 0 };
  #flushDelayMs = 0;

  constructor(nowMs: number) {
    this.#startMs = nowMs;
    this.#counts.sinceMs = nowMs;
  }

  takeTicks(partition: number, tickCount: number, upTo: bigint, nowMs: number): void {
    this.#counts.ticks += tickCount;
    const batches = this.#batches.get(partition) ?? [];
    this.#batches.set(partition, batches);
    batches.push({ upTo, atMs: nowMs });
    if (batches.length > BATCHES_KEPT) batches.splice(0, BATCHES_KEPT / 2);
  }

  takeEntry({ partition, src, forecasts }: PlacedEntry, nowMs: number): void {
    this.#counts.forecasts += forecasts.length;
    const came = this.#cameIn(partition, src);
    if (came !== null) this.#latencies.push({ atMs: nowMs, ms: Math.max(0, nowMs - came) });
    if (this.#latencies.length > LATENCIES_KEPT) this.#latencies.splice(0, LATENCIES_KEPT / 2);
    for (const { symbol } of forecasts) this.#beat(symbol, nowMs);
  }

  /** Read back from the log: its symbols are there, its pace says nothing. */
  knowEntry({ forecasts }: PlacedEntry, nowMs: number): void {
    for (const { symbol } of forecasts) this.#paces.set(symbol, { lastMs: nowMs, gapMs: 0 });
  }

  flushed(delayMs: number): void {
    this.#flushDelayMs = delayMs;
  }

  staleSymbols(nowMs: number): string[] {
    const stale: string[] = [];
    for (const [symbol, { lastMs, gapMs }] of this.#paces) {
      if (nowMs - lastMs > Math.max(STALE_GAPS * gapMs, STALE_MS)) stale.push(symbol);
    }
    return stale.sort();
  }

  /** Begins the next interval of the rates. */
  message(rings: ForecastRings, connections: number, nowMs: number): HealthMessage {
    const { ticks, forecasts, sinceMs } = this.#counts;
    const seconds = Math.max(0.001, (nowMs - sinceMs) / 1_000);
    this.#counts = { ticks: 0, forecasts: 0, sinceMs: nowMs };
    return {
      type: 'health',
      sentMs: nowMs,
      uptimeSeconds: Math.round((nowMs - this.#startMs) / 1_000),
      connections,
      ticksPerSecond: Math.round((ticks / seconds) * 10) / 10,
      forecastsPerSecond: Math.round((forecasts / seconds) * 10) / 10,
      symbols: this.#paces.size,
      stale: this.staleSymbols(nowMs),
      gaps: rings.gapCount,
      tickToForecastMs: this.#tickToForecastMs(nowMs),
      flushDelayMs: this.#flushDelayMs,
      position: rings.position(),
    };
  }

  #beat(symbol: string, nowMs: number): void {
    const pace = this.#paces.get(symbol);
    if (pace === undefined) {
      this.#paces.set(symbol, { lastMs: nowMs, gapMs: 0 });
      return;
    }
    pace.gapMs += GAP_WEIGHT * (nowMs - pace.lastMs - pace.gapMs);
    pace.lastMs = nowMs;
  }

  #cameIn(partition: number, src: bigint): number | null {
    const batches = this.#batches.get(partition) ?? [];
    // Those below are of no more use: forecasts come in the order of their ticks.
    while (batches.length > 0 && batches[0].upTo < src) batches.shift();
    return batches[0]?.atMs ?? null;
  }

  #tickToForecastMs(nowMs: number): HealthMessage['tickToForecastMs'] {
    this.#latencies = this.#latencies.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS);
    const sorted = this.#latencies.map(({ ms }) => ms).sort((a, b) => a - b);
    if (sorted.length === 0) return null;
    const at = (share: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    return { p50: at(0.5), p99: at(0.99) };
  }
}
