import type { Clock } from '#shared/runtime/clock.ts';
import { BadRows } from './simulated/bad-rows.ts';
import { type Character, charactersOf } from './simulated/character.ts';
import { Market, nanoseconds } from './simulated/market.ts';
import type { Switches } from './simulated/next-event.ts';
import type { LawOptions, TrueLaw } from './simulated/true-law.ts';
import type { SourceDescription, SourceRow, TickSource } from './source.ts';

const LARGEST_BATCH = 1_000;
const LIVE_STEP_MS = 50;
/** Behind by more, the market goes on from now: a machine that slept is not to play the night. */
const LARGEST_LAG_NS = 10_000_000_000n;

export interface SimulatedSourceOptions extends Switches {
  readonly clock: Clock;
  /** At most 24. */
  readonly symbolCount: number;
  readonly seed: number;
  /** Ticks played at full speed at the first start; they end when it starts. */
  readonly historyTicks: number;
  readonly tradesPerSecond: number;
  /** Bad rows per good row. */
  readonly badTickShare: number;
  /** Where an earlier life ended (`lastFeedPosition`): no history is played, prices and time go on from there. */
  readonly resume?: SimulatedResume;
}

export interface SimulatedResume {
  readonly feedEpoch: number;
  readonly lastEventTimeNs: bigint;
  readonly lastPrices: ReadonlyMap<string, number>;
}

export interface SimulatedSource extends TickSource {
  /**
   * The oracle: the law of the return from the symbol's last trade, given every tick that `rows` has handed out. Null before the
   * symbol's first trade. Does not change what comes.
   */
  trueLaw(symbol: string, law: LawOptions): TrueLaw | null;
}

/**
 * A seeded market that never ends. Which ticks come depends on the seed and the feed epoch alone; the clock only says when the
 * market starts and how far it has come.
 */
export function simulatedSource(options: SimulatedSourceOptions): SimulatedSource {
  const characters = charactersOf(options.symbolCount, options.tradesPerSecond);
  const feedEpoch = (options.resume?.feedEpoch ?? 0) + 1;
  const market = marketOf(options, characters, feedEpoch);
  const stopped = new AbortController();
  return {
    open: async (): Promise<SourceDescription> => {
      const steps = characters.map(({ symbol, stepsPerUnit }) => [symbol, 1 / stepsPerUnit]);
      return { feed: 'simulated', begin: { priceSteps: Object.fromEntries(steps) } };
    },
    rows: () => new SimulatedRows(options, market, feedEpoch, stopped.signal).batches(),
    close: async () => stopped.abort(),
    trueLaw: (symbol, law) => market.trueLaw(symbol, law),
  };
}

function marketOf(
  options: SimulatedSourceOptions,
  characters: readonly Character[],
  feedEpoch: number,
): Market {
  const { seed, resume } = options;
  const startPrices = resume?.lastPrices ?? new Map<string, number>();
  return new Market({ characters, switches: options, seed, feedEpoch, startPrices });
}

class SimulatedRows {
  readonly #options: SimulatedSourceOptions;
  readonly #market: Market;
  readonly #feedEpoch: number;
  readonly #signal: AbortSignal;
  readonly #badRows: BadRows;
  #seq = 0n;
  #startNs = 0n;

  constructor(
    options: SimulatedSourceOptions,
    market: Market,
    feedEpoch: number,
    signal: AbortSignal,
  ) {
    this.#options = options;
    this.#market = market;
    this.#feedEpoch = feedEpoch;
    this.#signal = signal;
    this.#badRows = new BadRows(options.badTickShare, `${options.seed}/${feedEpoch}/bad`);
  }

  async *batches(): AsyncGenerator<readonly SourceRow[]> {
    const { clock, resume, historyTicks } = this.#options;
    const nowNs = this.#nowNs();
    if (resume === undefined) {
      this.#startNs = nowNs - nanoseconds(this.#historySeconds());
      yield* this.#history(historyTicks);
    } else {
      const afterNs = resume.lastEventTimeNs + 1n;
      this.#startNs = afterNs > nowNs ? afterNs : nowNs;
    }
    while (!this.#signal.aborted) {
      const rows = this.#due();
      if (rows.length > 0) yield rows;
      if (rows.length < LARGEST_BATCH) await clock.sleep(LIVE_STEP_MS, this.#signal);
    }
  }

  *#history(ticks: number): Generator<readonly SourceRow[]> {
    let rows: SourceRow[] = [];
    for (let k = 1; k <= ticks && !this.#signal.aborted; k++) {
      this.#take(rows);
      if (rows.length < LARGEST_BATCH && k < ticks) continue;
      yield rows;
      rows = [];
    }
  }

  /** What has happened by now, at most one batch of it. */
  #due(): SourceRow[] {
    const nowNs = this.#nowNs();
    const nextNs = (): bigint => this.#startNs + nanoseconds(this.#market.nextTime);
    const lagNs = nowNs - nextNs();
    if (lagNs > LARGEST_LAG_NS) this.#startNs += lagNs;
    const rows: SourceRow[] = [];
    while (rows.length < LARGEST_BATCH && nextNs() <= nowNs) this.#take(rows);
    return rows;
  }

  #take(rows: SourceRow[]): void {
    const raw = this.#market.take(this.#startNs);
    this.#seq += 1n;
    rows.push({ seq: this.#seq, feedEpoch: this.#feedEpoch, where: 'simulated', raw });
    this.#seq = this.#badRows.follow(rows);
  }

  // Played twice, the first time to learn how long it takes: the tape itself is never held in memory.
  #historySeconds(): number {
    const { historyTicks, symbolCount, tradesPerSecond } = this.#options;
    const characters = charactersOf(symbolCount, tradesPerSecond);
    const market = marketOf(this.#options, characters, this.#feedEpoch);
    let seconds = 0;
    for (let k = 0; k < historyTicks; k++) {
      seconds = market.nextTime;
      market.take(0n);
    }
    return seconds;
  }

  #nowNs(): bigint {
    return BigInt(Math.round(this.#options.clock.nowMs() * 1e3)) * 1_000n;
  }
}
