import { setTimeout as sleep } from 'node:timers/promises';
import type { ForecastEntry, ForecastPack } from '#shared/forecast/forecast.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { asSymbol, type SymbolName } from '#shared/market/symbol.ts';

export interface SymbolMarketOptions {
  readonly symbolCount: number;
  /** Forecasts of all symbols together. */
  readonly perSecond: number;
}

const STEP_MS = 5;
const EXPERTS = ['network', 'ewma-gaussian', 'filtered-history', 'rolling-quantiles'];
const HORIZONS = [1, 10, 100];
/** Made once: what a market costs is no matter of the server's. */
const SHAPES = Array.from({ length: 500 }, (_, k) =>
  HORIZONS.map((horizonTicks) => {
    const width = 2 * Math.sqrt(horizonTicks);
    return {
      horizonTicks,
      point: width * 0.1 * Math.sin(k),
      quantiles: Float32Array.from(
        TICK_LEVELS,
        (level, q) => width * (4 * (level - 0.5) + 0.01 * Math.sin(k + q)),
      ),
      weights: Uint8Array.of(155, 13, 31, 56),
    };
  }),
);
const SHA = 'c0ffee'.padEnd(64, '0');

/**
 * Forecasts of full size (three horizons, 21 levels, four experts), one per symbol in turn, evenly over time, stamped with the
 * wall clock, so that who receives one knows how old it is.
 */
export class SymbolMarket {
  readonly levels = TICK_LEVELS;
  readonly #symbols: readonly SymbolName[];
  readonly #perSecond: number;
  #made = 0;

  constructor({ symbolCount, perSecond }: SymbolMarketOptions) {
    this.#symbols = Array.from({ length: symbolCount }, (_, k) => asSymbol(`bench:S${k}`));
    this.#perSecond = perSecond;
  }

  /** Makes what is due until it is told to stop. */
  async run(signal: AbortSignal, take: (pack: ForecastPack) => void): Promise<void> {
    const startMs = performance.now();
    let count = 0;
    while (!signal.aborted) {
      await sleep(STEP_MS);
      const due = Math.floor(((performance.now() - startMs) / 1_000) * this.#perSecond) - count;
      if (due > 0) take(this.#pack(due));
      count += due;
    }
  }

  /** One of every symbol, to begin with. */
  first(): ForecastPack {
    return this.#pack(this.#symbols.length);
  }

  #pack(count: number): ForecastPack {
    const entries = Array.from({ length: count }, () => this.#entry());
    return { levels: this.levels, entries };
  }

  #entry(): ForecastEntry {
    const k = this.#made;
    this.#made += 1;
    const origin = Math.floor(k / this.#symbols.length);
    return {
      src: BigInt(k),
      prev: BigInt(k - 1),
      forecasts: [
        {
          symbol: this.#symbols[k % this.#symbols.length],
          measure: 'price',
          origin,
          eventTimeNs: BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6)),
          originValue: 100 + (k % 9_973) / 100,
          isWarming: false,
          modelSha: SHA,
          experts: EXPERTS,
          horizons: SHAPES[k % SHAPES.length],
        },
      ],
    };
  }
}
