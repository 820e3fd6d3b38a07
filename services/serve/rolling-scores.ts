import type { ScoreRecord } from '#shared/forecast/score.ts';
import type { WireHorizonScore, WireScore } from '#shared/wire/message.ts';
import { ScoreWindow } from './score-window.ts';

/** Origins over which skill and coverage are taken. */
const WINDOW_ORIGINS = 2_000;
/** Bounds memory where records hold few origins. */
const WINDOW_RECORDS = 400;
const TRAIL_POINTS = 120;

interface SymbolScores {
  lastSrc: bigint;
  /** Of each record that is kept. */
  readonly origins: number[];
  readonly windows: Map<number, ScoreWindow>;
  readonly trails: Map<number, number[]>;
}

/** Skill and coverage of each symbol over its newest scored origins. */
export class RollingScores {
  readonly #symbols = new Map<string, SymbolScores>();

  /** @returns the symbol's rolling score, or null for a record that was seen before */
  take(record: ScoreRecord): WireScore | null {
    const { symbol, src, horizons } = record;
    const mine = this.#symbols.get(symbol) ?? newScores();
    this.#symbols.set(symbol, mine);
    if (src <= mine.lastSrc) return null;
    mine.lastSrc = src;
    push(mine, record);
    return {
      symbol,
      eventTimeNs: `${record.eventTimeNs}`,
      horizons: horizons.map(({ horizonTicks }) => rolled(mine, horizonTicks)),
    };
  }
}

function newScores(): SymbolScores {
  return { lastSrc: -1n, origins: [], windows: new Map(), trails: new Map() };
}

function push({ origins, windows }: SymbolScores, { horizons }: ScoreRecord): void {
  for (const { horizonTicks } of horizons) {
    if (!windows.has(horizonTicks)) windows.set(horizonTicks, new ScoreWindow(origins.length));
  }
  for (const [horizonTicks, window] of windows) {
    window.push(horizons.find((one) => one.horizonTicks === horizonTicks) ?? null);
  }
  origins.push(Math.max(0, ...horizons.map(({ count }) => count)));
  const old = recordsBeyond(origins);
  if (old === 0) return;
  origins.splice(0, old);
  for (const window of windows.values()) window.drop(old);
}

/** How many of the oldest are not needed for the newest WINDOW_ORIGINS. */
function recordsBeyond(origins: readonly number[]): number {
  let sum = 0;
  let first = origins.length;
  while (first > 0 && sum < WINDOW_ORIGINS && origins.length - first < WINDOW_RECORDS) {
    first -= 1;
    sum += origins[first];
  }
  return first;
}

function rolled(mine: SymbolScores, horizonTicks: number): WireHorizonScore {
  const sums = (mine.windows.get(horizonTicks) ?? new ScoreWindow(0)).sums();
  const { count, crps, inside, pit } = sums;
  const share = (of: number) => (count === 0 ? 0 : of / count);
  const skillEwmaGaussian = skill(crps, sums.crpsEwmaGaussian);
  return {
    horizonTicks,
    count,
    crps: share(crps),
    skillEwmaGaussian,
    skillLastValue: skill(crps, sums.crpsLastValue),
    coverage: [share(inside[0]), share(inside[1]), share(inside[2])],
    pit: pit.map(share),
    trail: trail(mine, horizonTicks, skillEwmaGaussian),
  };
}

function skill(loss: number, baseline: number): number | null {
  return baseline > 0 ? 1 - loss / baseline : null;
}

function trail(mine: SymbolScores, horizonTicks: number, newest: number | null): readonly number[] {
  const points = mine.trails.get(horizonTicks) ?? [];
  if (newest !== null) points.push(newest);
  const kept = points.slice(-TRAIL_POINTS);
  mine.trails.set(horizonTicks, kept);
  return kept;
}
