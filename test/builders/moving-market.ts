import type { Forecast, ForecastEntry, HorizonForecast } from '#shared/forecast/forecast.ts';
import { encodeForecastPack } from '#shared/forecast/forecast-record.ts';
import { encodeModelEvent } from '#shared/forecast/model-event-record.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import type { HorizonScore } from '#shared/forecast/score.ts';
import { encodeScore } from '#shared/forecast/score-record.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { partitionOf } from '#shared/log/partitioner.ts';
import { asSymbol, type SymbolName } from '#shared/market/symbol.ts';
import type { Book } from '#shared/market/tick.ts';
import { encodeTick } from '#shared/market/tick-record.ts';
import { Random } from '#shared/nn/random.ts';

/** Standard normal quantiles at TICK_LEVELS, lower half with the median (any table of the normal distribution). */
const LOWER = [1.96, 1.645, 1.2816, 1.0364, 0.8416, 0.6745, 0.5244, 0.3853, 0.2533, 0.1257, 0];
const Z = [...LOWER.map((z) => 0 - z), ...LOWER.slice(0, -1).reverse()];
const HORIZONS = [1, 10, 100];
const EXPERTS = ['network', 'ewma-gaussian'];
const TICK_NS = 40_000_000n;
/** Ticks after which a series does much the same again. */
const SEASON_TICKS = 24;
const START_NS = 1_723_075_200_000_000_000n;

interface Symbol {
  readonly name: SymbolName;
  readonly partition: number;
  price: number;
  sigma: number;
  origin: number;
}

export interface MovingMarketOptions {
  readonly log: EventLog;
  readonly symbols?: readonly string[];
  readonly seed?: number;
  /** Origins of each symbol that are marked as warm-up. */
  readonly warmingOrigins?: number;
  readonly horizons?: readonly number[];
  /** `value`: a season around zero, hourly, instead of a price. */
  readonly measure?: 'price' | 'value';
  readonly experts?: readonly string[];
}

function bookAround(price: number): Book {
  return { bid: price - 0.01, bidSize: 5, ask: price + 0.01, askSize: 5 };
}

/**
 * Writes what a running pipeline writes, for tests of what reads it: random-walk prices with clustered volatility, Gaussian
 * forecasts, plausible scores, and a model event now and then. The forecasts' chain of `src` and `prev` is right.
 */
export class MovingMarket {
  readonly #log: EventLog;
  readonly #random: Random;
  readonly #warmingOrigins: number;
  readonly #symbols: Symbol[];
  readonly #horizons: readonly number[];
  readonly #measure: 'price' | 'value';
  readonly #experts: readonly string[];
  readonly #lastSrc = new Map<number, bigint>();
  #timeNs = START_NS;
  #trainings = 0;
  #sha = 'c0ffee'.padEnd(64, '0');

  constructor({
    log,
    symbols = ['sim:ALPHA', 'sim:BETA', 'sim:DELTA'],
    ...rest
  }: MovingMarketOptions) {
    this.#log = log;
    this.#random = new Random(rest.seed ?? 1);
    this.#warmingOrigins = rest.warmingOrigins ?? 0;
    this.#horizons = rest.horizons ?? HORIZONS;
    this.#measure = rest.measure ?? 'price';
    this.#experts = rest.experts ?? EXPERTS;
    this.#symbols = symbols.map((name, k) => ({
      name: asSymbol(name),
      partition: partitionOf(name, log.partitionCount),
      price: 100 * (1 + (k % 10)) ** 2,
      sigma: 2,
      origin: 0,
    }));
  }

  /** One tick of every symbol, with its forecast; each score record and model event when its time comes. */
  async step(count = 1): Promise<void> {
    for (let k = 0; k < count; k += 1) {
      for (const symbol of this.#symbols) await this.#tick(symbol);
      if (this.#symbols[0].origin % 200 === 0) await this.#train();
    }
  }

  /** One tick of the first so many symbols: a large market does not tick all at once. */
  async stepFirst(symbolCount: number): Promise<void> {
    for (const symbol of this.#symbols.slice(0, symbolCount)) await this.#tick(symbol);
  }

  /** One tick of each of these. */
  async stepOnly(names: readonly string[]): Promise<void> {
    const wanted = new Set(names);
    for (const symbol of this.#symbols) if (wanted.has(symbol.name)) await this.#tick(symbol);
  }

  /** Forecasts of one symbol so far. */
  originsOf(name: string): number {
    return this.#symbols.find((symbol) => symbol.name === name)?.origin ?? 0;
  }

  async #tick(symbol: Symbol): Promise<void> {
    const { name, partition } = symbol;
    symbol.sigma = Math.min(8, Math.max(0.8, symbol.sigma * (1 + 0.06 * this.#random.normal())));
    this.#move(symbol);
    const tick = encodeTick({
      kind: 'trade',
      symbol: name,
      feedEpoch: 1,
      seq: (this.#lastSrc.get(partition) ?? -1n) + 2n,
      eventTimeNs: this.#timeNs,
      price: symbol.price,
      size: 1,
      side: 1,
      book: this.#measure === 'value' ? null : bookAround(symbol.price),
    });
    const { first } = await this.#log.append('ticks', partition, [tick]);
    const entry = this.#entry(symbol, first);
    const pack = encodeForecastPack({ levels: TICK_LEVELS, entries: [entry] });
    await this.#log.append('forecasts', partition, [pack]);
    symbol.origin += 1;
    if (symbol.origin % 50 === 0 && symbol.origin > this.#warmingOrigins) {
      await this.#score(symbol, first);
    }
  }

  #move(symbol: Symbol): void {
    if (this.#measure === 'value') {
      const season = Math.sin((2 * Math.PI * symbol.origin) / SEASON_TICKS);
      symbol.price = 4 * season + 0.1 * symbol.sigma * this.#random.normal();
      this.#timeNs += 3_600_000_000_000n;
    } else {
      symbol.price *= 1 + (symbol.sigma / 1e4) * this.#random.normal();
      this.#timeNs += TICK_NS;
    }
    symbol.price = Math.round(symbol.price * 100) / 100;
  }

  #entry(symbol: Symbol, src: bigint): ForecastEntry {
    const prev = this.#lastSrc.get(symbol.partition) ?? -1n;
    this.#lastSrc.set(symbol.partition, src);
    const forecast: Forecast = {
      symbol: symbol.name,
      measure: this.#measure,
      origin: symbol.origin,
      eventTimeNs: this.#timeNs,
      originValue: symbol.price,
      isWarming: symbol.origin < this.#warmingOrigins,
      modelSha: this.#sha,
      experts: this.#experts,
      horizons: this.#horizons.map((horizon) => this.#horizon(symbol, horizon)),
    };
    return { src, prev, forecasts: [forecast] };
  }

  #horizon({ sigma, origin, price }: Symbol, horizonTicks: number): HorizonForecast {
    const isValue = this.#measure === 'value';
    const width = isValue ? 0.1 * sigma : sigma * Math.sqrt(horizonTicks);
    const ahead = 4 * Math.sin((2 * Math.PI * (origin + horizonTicks)) / SEASON_TICKS);
    const lean = isValue ? ahead - price : 0.3 * width * Math.sin(origin / 37);
    const quantiles = Float32Array.from(Z, (z) => lean + z * width);
    const count = this.#experts.length;
    const others = count > 1 ? Math.floor(55 / (count - 1)) : 0;
    const weights = Uint8Array.from(this.#experts, (_, k) => (k === 0 ? 200 : others));
    return { horizonTicks, point: lean, quantiles, weights };
  }

  async #score(symbol: Symbol, src: bigint): Promise<void> {
    const score = encodeScore({
      symbol: symbol.name,
      partition: symbol.partition,
      src,
      eventTimeNs: this.#timeNs,
      horizons: this.#horizons.map((horizon) => this.#horizonScore(symbol.sigma, horizon)),
    });
    await this.#log.append('scores', 0, [score]);
  }

  #horizonScore(sigma: number, horizonTicks: number): HorizonScore {
    const count = 50;
    const baseline = count * 0.56 * sigma * Math.sqrt(horizonTicks);
    const around = (share: number) =>
      Math.min(count, Math.round(count * share + 2 * this.#random.normal()));
    return {
      horizonTicks,
      count,
      crps: baseline * (0.96 - 0.06 / horizonTicks + 0.03 * this.#random.normal()),
      crpsLastValue: baseline * 1.4,
      crpsEwmaGaussian: baseline,
      absoluteError: baseline * 1.3,
      absoluteErrorLastValue: baseline * 1.4,
      inside: [around(0.5), around(0.8), around(0.95)],
      pit: Array.from({ length: 20 }, () => Math.max(0, 2.5 + 0.8 * this.#random.normal())),
    };
  }

  async #train(): Promise<void> {
    this.#trainings += 1;
    const id = this.#trainings;
    const lossBefore = 0.4 + 0.01 * this.#random.normal();
    const isBetter = id % 4 !== 0;
    const lossAfter = lossBefore * (isBetter ? 0.985 : 1.08);
    const report = {
      updates: 64,
      lossBefore,
      lossAfter,
      gradientNorm: 0.7,
      clippedUpdates: 3,
      skippedUpdates: 0,
      gradientReach: [
        { lagTicks: 8, ratio: 0.3 },
        { lagTicks: 63, ratio: 0.004 },
      ],
      forgetTicks: { median: 3.5, largest: 120 },
      eventTimeNs: `${this.#timeNs}`,
    };
    const parentSha = this.#sha;
    if (isBetter) {
      this.#sha = Array.from({ length: 64 }, () => this.#random.integer(16).toString(16)).join('');
    }
    const reason = 'loss on the newest block rose by more than 5 %';
    await this.#log.append('models', 0, [
      encodeModelEvent({ event: 'boundary', id, ranges: [], seed: id }),
      encodeModelEvent(
        isBetter
          ? { event: 'switched', id, sha: this.#sha, parentSha, report }
          : { event: 'refused', id, reason, report },
      ),
    ]);
  }
}
