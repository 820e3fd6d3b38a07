import type { ForecastsMessage } from '#shared/client/listener.ts';
import type {
  HealthMessage,
  ModelsMessage,
  SnapshotMessage,
  WireForecast,
  WireScore,
  WireTick,
} from '#shared/wire/message.ts';
import type { WireModelEvent } from '#shared/wire/model-event.ts';
import { ArrivalAges } from './arrival-ages.ts';
import { decimalsOf } from './number-text.ts';
import { Outlook } from './outlook.ts';

const EVENTS_KEPT = 100;
/** Up to so many symbols the page hears every forecast; beyond, of those that it shows. */
const FEW_SYMBOLS = 100;
/** Health messages, one a second. */
const HEALTH_KEPT = 180;

/** All that the page knows of a symbol; of most it may be no more than the name and the last price. */
export interface SymbolView {
  readonly symbol: string;
  tick: WireTick | null;
  /** What its change is counted from. */
  firstPrice: number | null;
  score: WireScore | null;
  outlook: Outlook | null;
}

/** The page's state: what came in, without a pixel. */
export class Board {
  readonly symbols = new Map<string, SymbolView>();
  readonly ages = new ArrivalAges();
  levels: readonly number[] = [];
  models: WireModelEvent[] = [];
  /** Oldest first. */
  healths: HealthMessage[] = [];
  run = '';
  chosen = '';
  /** Forecasts received, conflated ones counted in. */
  updateCount = 0;
  /** Forecasts whose origin did not follow on the one before: 0 unless something is lost or sent twice. */
  gapCount = 0;
  repeatCount = 0;
  /** When the server had the newest forecast of those that are shown, by the page's clock; null where that is not known. */
  lastForecastMs: number | null = null;
  /** Whether there is a forecast to be seen, however old. */
  isHolding = false;
  /** Rises when there are other symbols than before. */
  listVersion = 0;
  #stale: ReadonlySet<string> = new Set();
  #byName = { version: 0, views: [] as readonly SymbolView[] };

  /** Whether there are so many symbols that the page hears forecasts and scores only of those that it shows. */
  get hearsSome(): boolean {
    return this.symbols.size > FEW_SYMBOLS;
  }

  /** In the order of their names, which of ten thousand is worth keeping. */
  get byName(): readonly SymbolView[] {
    if (this.#byName.version !== this.listVersion) {
      const views = [...this.symbols.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
      this.#byName = { version: this.listVersion, views };
    }
    return this.#byName.views;
  }

  /** Names from a welcome. Those of another run are forgotten. */
  begin(run: string, symbols: readonly string[]): void {
    if (this.run !== '' && this.run !== run) {
      this.symbols.clear();
      this.healths = [];
      this.listVersion += 1;
    }
    this.run = run;
    for (const symbol of symbols) this.#view(symbol);
  }

  takeSnapshot({ forecasts, history, levels, sentMs }: SnapshotMessage, nowMs: number): void {
    this.levels = levels;
    for (const { issuedMs } of forecasts) {
      this.isHolding = true;
      // What the server read back from its log is of before its start, and nobody knows how old.
      if (issuedMs === null) continue;
      const cameMs = nowMs - Math.max(0, sentMs - issuedMs);
      this.lastForecastMs = Math.max(this.lastForecastMs ?? cameMs, cameMs);
    }
    const pasts = new Map(history.map((one) => [one.symbol, one]));
    for (const latest of forecasts) {
      const view = this.#view(latest.symbol);
      const outlook = new Outlook(latest, pasts.get(latest.symbol));
      if (view.outlook !== null) outlook.goOnFrom(view.outlook);
      view.outlook = outlook;
      view.firstPrice ??= outlook.past[0].value;
    }
  }

  takeForecasts({ forecasts, levels }: ForecastsMessage, nowMs: number): void {
    this.levels = levels;
    this.lastForecastMs = nowMs;
    this.isHolding = true;
    for (const forecast of forecasts) this.#takeForecast(forecast);
  }

  /** The symbol whose forecasts are kept whole. */
  choose(symbol: string): void {
    if (symbol !== this.chosen) this.chosenView()?.outlook?.forecasts.clear();
    this.chosen = symbol;
  }

  chosenView(): SymbolView | null {
    return this.symbols.get(this.chosen) ?? null;
  }

  /** From here on nothing is heard of any symbol. */
  lose(): void {
    for (const { outlook } of this.symbols.values()) outlook?.lose();
  }

  takeTicks(ticks: readonly WireTick[]): void {
    for (const tick of ticks) {
      const view = this.#view(tick.symbol);
      view.tick = tick;
      view.firstPrice ??= tick.price;
    }
  }

  takeScores(scores: readonly WireScore[]): void {
    for (const score of scores) this.#view(score.symbol).score = score;
  }

  takeModels({ isSnapshot, events }: ModelsMessage): void {
    this.models = (isSnapshot ? [...events] : [...this.models, ...events]).slice(-EVENTS_KEPT);
  }

  takeHealth(message: HealthMessage): void {
    this.healths = [...this.healths, message].slice(-HEALTH_KEPT);
    this.#stale = new Set(message.stale);
  }

  /** Whether the symbol has been silent for much longer than it usually is. */
  isStale(symbol: string): boolean {
    return this.#stale.has(symbol);
  }

  #takeForecast(forecast: WireForecast): void {
    const { symbol, merged } = forecast;
    this.updateCount += 1 + merged;
    const view = this.#view(symbol);
    if (view.outlook === null) {
      view.outlook = new Outlook(forecast);
      view.firstPrice ??= forecast.originValue;
      return;
    }
    const came = view.outlook.take(forecast, symbol === this.chosen);
    if (came === 'gap') this.gapCount += 1;
    if (came === 'repeat') this.repeatCount += 1;
  }

  #view(symbol: string): SymbolView {
    const known = this.symbols.get(symbol);
    if (known !== undefined) return known;
    const view = { symbol, tick: null, firstPrice: null, score: null, outlook: null };
    this.symbols.set(symbol, view);
    this.listVersion += 1;
    return view;
  }
}

/** The newest value: of a tick, or of a forecast where that is newer. */
export function newestValue({ tick, outlook }: SymbolView): number | null {
  if (tick === null) return outlook?.latest.originValue ?? null;
  const isOlder = outlook !== null && BigInt(tick.eventTimeNs) < BigInt(outlook.latest.eventTimeNs);
  return isOlder ? outlook.latest.originValue : tick.price;
}

/** Moves of prices are told as shares, those of values in their units; until there is a forecast it is taken for a price. */
export function isPrice({ outlook }: SymbolView): boolean {
  return outlook?.latest.measure !== 'value';
}

export function decimalsOfView({ tick, outlook }: SymbolView): number {
  return outlook?.decimals ?? decimalsOf(tick === null ? [] : [tick.price]);
}
