import type { ForecastsMessage } from '#shared/client/listener.ts';
import type { SnapshotMessage, WireForecast } from '#shared/wire/message.ts';
import type { WirePosition } from '#shared/wire/request.ts';
import type { ExpectedForecast, PartitionOracle } from './oracle.ts';
import type { Violations } from './violations.ts';

export interface ClientWish {
  readonly symbols: readonly string[];
  /** Null: every forecast. */
  readonly maxRateHz: number | null;
  /** Forecasts are told as what has changed. */
  readonly delta: boolean;
  /** The log loses forecasts: the latest that is left may not be the latest that was made. */
  readonly mayBeOlder: boolean;
}

export interface WelcomedRun {
  readonly name: string;
  readonly oracles: readonly PartitionOracle[];
}

/** What one user of the client has, over all its connections and lives: each wanted forecast once, in order, as the oracle has it. */
export class ClientCheck {
  readonly name: string;
  readonly wish: ClientWish;
  forecastCount = 0;
  snapshotCount = 0;
  readonly #violations: Violations;
  /** All that the user asked for, by partition. */
  #wanted: readonly (readonly ExpectedForecast[])[] = [];
  /** `src` per partition up to which the user has everything, or was told that it has not. */
  #seen: number[] = [];
  /** `src` of the newest forecast of each symbol that this life of the program was given. */
  readonly #newest = new Map<string, number>();
  #run = '';

  constructor(name: string, wish: ClientWish, violations: Violations) {
    this.name = name;
    this.wish = wish;
    this.#violations = violations;
  }

  /** What the server says its log is; another one than before means that nothing is known any more. */
  welcome({ name, oracles }: WelcomedRun): void {
    if (name === this.#run) return;
    this.#run = name;
    this.#newest.clear();
    const { symbols } = this.wish;
    const isWanted = (symbol: string): boolean => symbols.includes('*') || symbols.includes(symbol);
    this.#wanted = oracles.map(({ forecasts }) => forecasts.filter((one) => isWanted(one.symbol)));
    this.#seen = oracles.map(() => -1);
  }

  forecasts({ forecasts }: ForecastsMessage): void {
    for (const forecast of forecasts) this.#forecast(forecast);
  }

  snapshot({ position, forecasts }: SnapshotMessage): void {
    this.snapshotCount += 1;
    for (const [p, src] of Object.entries(position.src)) {
      this.#seen[Number(p)] = Math.max(this.#seen[Number(p)], Number(src));
    }
    for (const forecast of forecasts) {
      const upTo = Number(position.src[forecast.position.partition]);
      const before = this.#wanted[forecast.position.partition].filter(
        ({ symbol, src }) => symbol === forecast.symbol && src <= upTo,
      );
      const allowed = this.wish.mayBeOlder ? before : before.slice(-1);
      if (!allowed.some(({ text }) => text === unmerged(forecast))) {
        this.#violations.add(`${this.name}: the snapshot's ${forecast.symbol} is not the latest`);
      }
    }
  }

  /** A new life of the user's program goes on from a position it kept; what came after it is forgotten. */
  resumeAt(position: WirePosition | null): void {
    this.#newest.clear();
    const src = position?.run === this.#run ? position.src : {};
    this.#seen = this.#wanted.map((_, p) => Number(src[p] ?? -1));
  }

  hasAllOf(run: string): boolean {
    return run === this.#run && this.missing().length === 0;
  }

  missing(): string[] {
    return this.#wanted.flatMap((wanted, p) => {
      const last = wanted.at(-1);
      const isThere = last === undefined || last.src <= this.#seen[p];
      return isThere ? [] : [`${p}/${last.src} after ${this.#seen[p]}`];
    });
  }

  #forecast(forecast: WireForecast): void {
    this.forecastCount += 1;
    const { partition } = forecast.position;
    const src = Number(forecast.position.src);
    const seen = this.#seen[partition];
    const where = `${this.name}: forecast ${partition}/${src}`;
    const newest = this.#newest.get(forecast.symbol) ?? -1;
    if (src <= seen || src <= newest) {
      this.#violations.add(`${where} came again, or late, after ${seen} and ${newest}`);
    }
    this.#newest.set(forecast.symbol, src);
    const between = this.#wanted[partition].filter((one) => one.src > seen && one.src <= src);
    const expected = between.find((one) => one.src === src);
    if (expected?.text !== unmerged(forecast)) this.#violations.add(`${where} is not the oracle's`);
    if (BigInt(forecast.score?.eventTimeNs ?? 0) > BigInt(forecast.eventTimeNs)) {
      this.#violations.add(`${where} carries a score of later`);
    }
    if (this.wish.maxRateHz === null && between.length !== 1) {
      const lost = between.slice(0, -1).map((one) => one.src);
      this.#violations.add(`${where} came without ${lost.join()} before it`);
    }
    // Conflated frames are in the order of their newest forecasts: another symbol's may be older.
    this.#seen[partition] = Math.max(seen, this.wish.maxRateHz === null ? src : seen);
  }

  /** The position moved on: whatever lies below it was delivered, or conflated away. */
  advanced(position: WirePosition | null): void {
    if (this.wish.maxRateHz === null) return;
    this.#seen = this.#seen.map((seen, p) => Math.max(seen, Number(position?.src[p] ?? -1)));
  }
}

function unmerged(forecast: WireForecast): string {
  return JSON.stringify({ ...forecast, issuedMs: null, score: null, merged: 0 });
}
