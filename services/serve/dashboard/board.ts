import type { ForecastsMessage } from '#shared/client/listener.ts';
import type {
  HealthMessage,
  ModelsMessage,
  SnapshotMessage,
  WireForecast,
  WireModelEvent,
  WireScore,
  WireTick,
} from '#shared/wire/message.ts';
import { decimalsOf } from './number-text.ts';

/** Points of the past that are kept per symbol, in forecasts. */
const PAST_POINTS = 600;
const EVENTS_KEPT = 100;

export interface PastPoint {
  readonly origin: number;
  readonly eventTimeNs: string;
  readonly value: number;
}

/** All that the page knows of a symbol. */
export interface SymbolView {
  readonly symbol: string;
  past: PastPoint[];
  /** Full forecasts by origin, oldest first, of the chosen symbol only: what the past bands are drawn from. */
  forecasts: Map<number, WireForecast>;
  latest: WireForecast;
  tick: WireTick | null;
  score: WireScore | null;
  decimals: number;
}

/** The page's state: what came in, without a pixel. */
export class Board {
  readonly symbols = new Map<string, SymbolView>();
  levels: readonly number[] = [];
  models: WireModelEvent[] = [];
  health: HealthMessage | null = null;
  #stale: ReadonlySet<string> = new Set();
  run = '';
  chosen = '';
  /** Forecasts received, conflated ones counted in. */
  updateCount = 0;
  /** Forecasts whose origin did not follow on the one before: 0 unless something is lost or sent twice. */
  gapCount = 0;
  repeatCount = 0;
  lastForecastMs: number | null = null;

  takeSnapshot({ forecasts, history, levels, position }: SnapshotMessage): void {
    this.levels = levels;
    this.run = position.run;
    const pasts = new Map(history.map((one) => [one.symbol, one]));
    const kept = new Map(this.symbols);
    this.symbols.clear();
    for (const latest of forecasts) {
      const past = pasts.get(latest.symbol);
      const values = past?.values ?? [latest.originValue];
      this.symbols.set(latest.symbol, {
        symbol: latest.symbol,
        past: values.map((value, k) => ({
          value,
          origin: past?.origins[k] ?? latest.origin,
          eventTimeNs: past?.eventTimesNs[k] ?? latest.eventTimeNs,
        })),
        forecasts: new Map([[latest.origin, latest]]),
        latest,
        tick: kept.get(latest.symbol)?.tick ?? null,
        score: kept.get(latest.symbol)?.score ?? null,
        decimals: decimalsOf(values.slice(-50)),
      });
    }
  }

  takeForecasts({ forecasts, levels }: ForecastsMessage, nowMs: number): void {
    this.levels = levels;
    this.lastForecastMs = nowMs;
    for (const forecast of forecasts) this.#takeForecast(forecast);
  }

  /** The symbol whose forecasts are kept whole. */
  choose(symbol: string): void {
    for (const view of this.symbols.values()) {
      if (view.symbol !== symbol) view.forecasts.clear();
    }
    this.chosen = symbol;
  }

  chosenView(): SymbolView | null {
    return this.symbols.get(this.chosen) ?? null;
  }

  /** Older forecasts of the chosen symbol. */
  takePast(symbol: string, forecasts: readonly WireForecast[]): void {
    const view = this.symbols.get(symbol);
    if (view === undefined) return;
    const all = new Map(forecasts.map((one) => [one.origin, one]));
    for (const [origin, forecast] of view.forecasts) all.set(origin, forecast);
    view.forecasts = new Map([...all].sort(([a], [b]) => a - b));
  }

  takeTicks(ticks: readonly WireTick[]): void {
    for (const tick of ticks) {
      const view = this.symbols.get(tick.symbol);
      if (view !== undefined) view.tick = tick;
    }
  }

  takeScores(scores: readonly WireScore[]): void {
    for (const score of scores) {
      const view = this.symbols.get(score.symbol);
      if (view !== undefined) view.score = score;
    }
  }

  takeModels({ isSnapshot, events }: ModelsMessage): void {
    this.models = (isSnapshot ? [...events] : [...this.models, ...events]).slice(-EVENTS_KEPT);
  }

  takeHealth(message: HealthMessage): void {
    this.health = message;
    this.#stale = new Set(message.stale);
  }

  /** Whether the symbol has been silent for much longer than it usually is. */
  isStale(symbol: string): boolean {
    return this.#stale.has(symbol);
  }

  #takeForecast(forecast: WireForecast): void {
    const { symbol, origin, eventTimeNs, originValue: value, merged } = forecast;
    this.updateCount += 1 + merged;
    const view = this.symbols.get(symbol);
    if (view === undefined) {
      this.symbols.set(symbol, fresh(forecast));
      return;
    }
    const expected = view.latest.origin + 1 + merged;
    if (origin > expected) this.gapCount += 1;
    if (origin < expected) this.repeatCount += 1;
    view.latest = forecast;
    view.past.push({ origin, eventTimeNs, value });
    if (view.past.length > 2 * PAST_POINTS) view.past = view.past.slice(-PAST_POINTS);
    if (symbol !== this.chosen) return;
    view.forecasts.set(origin, forecast);
    for (const known of view.forecasts.keys()) {
      if (view.forecasts.size <= PAST_POINTS) break;
      view.forecasts.delete(known);
    }
  }
}

function fresh(forecast: WireForecast): SymbolView {
  const { symbol, origin, eventTimeNs, originValue: value } = forecast;
  return {
    symbol,
    past: [{ origin, eventTimeNs, value }],
    forecasts: new Map([[origin, forecast]]),
    latest: forecast,
    tick: null,
    score: null,
    decimals: decimalsOf([value]),
  };
}
