import type { ScoreRecord } from '#shared/forecast/score.ts';
import type { WireHorizonScore, WireScore } from '#shared/wire/message.ts';

/** Origins over which skill and coverage are taken. */
const WINDOW_ORIGINS = 2_000;
/** Bounds memory where records hold few origins. */
const WINDOW_RECORDS = 400;
const TRAIL_POINTS = 120;
const PIT_CELLS = 20;

interface SymbolScores {
  records: ScoreRecord[];
  readonly trails: Map<number, number[]>;
}

/** Skill and coverage of each symbol over its newest scored origins. */
export class RollingScores {
  readonly #symbols = new Map<string, SymbolScores>();

  /** @returns the symbol's rolling score, or null for a record that was seen before */
  take(record: ScoreRecord): WireScore | null {
    const mine = this.#symbols.get(record.symbol) ?? { records: [], trails: new Map() };
    this.#symbols.set(record.symbol, mine);
    const newest = mine.records.at(-1);
    if (newest !== undefined && record.src <= newest.src) return null;
    mine.records = trimmed([...mine.records, record]);
    return {
      symbol: record.symbol,
      eventTimeNs: `${record.eventTimeNs}`,
      horizons: record.horizons.map(({ horizonTicks }) => rolled(mine, horizonTicks)),
    };
  }
}

function trimmed(records: ScoreRecord[]): ScoreRecord[] {
  let origins = 0;
  let first = records.length;
  while (first > 0 && origins < WINDOW_ORIGINS && records.length - first < WINDOW_RECORDS) {
    first -= 1;
    origins += Math.max(...records[first].horizons.map((horizon) => horizon.count));
  }
  return records.slice(first);
}

function rolled(mine: SymbolScores, horizonTicks: number): WireHorizonScore {
  const sums = { count: 0, crps: 0, ewmaGaussian: 0, lastValue: 0, inside: [0, 0, 0] };
  const pit = new Array<number>(PIT_CELLS).fill(0);
  // One pass: this is done for every score of a start.
  for (const { horizons } of mine.records) {
    const part = horizons.find((horizon) => horizon.horizonTicks === horizonTicks);
    if (part === undefined) continue;
    sums.count += part.count;
    sums.crps += part.crps;
    sums.ewmaGaussian += part.crpsEwmaGaussian;
    sums.lastValue += part.crpsLastValue;
    for (let k = 0; k < 3; k += 1) sums.inside[k] += part.inside[k];
    for (let cell = 0; cell < PIT_CELLS; cell += 1) pit[cell] += part.pit[cell] ?? 0;
  }
  const { count, crps, inside } = sums;
  const share = (of: number) => (count === 0 ? 0 : of / count);
  const skillEwmaGaussian = skill(crps, sums.ewmaGaussian);
  return {
    horizonTicks,
    count,
    crps: share(crps),
    skillEwmaGaussian,
    skillLastValue: skill(crps, sums.lastValue),
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
