import type { HorizonScore, ScoreRecord } from '#shared/forecast/score.ts';
import type { WireHorizonScore, WireScore } from '#shared/wire/message.ts';

/** Origins over which skill and coverage are taken. */
const WINDOW_ORIGINS = 2_000;
/** Bounds memory where records hold few origins. */
const WINDOW_RECORDS = 400;
const TRAIL_POINTS = 120;

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
  const parts = mine.records.flatMap((record) =>
    record.horizons.filter((horizon) => horizon.horizonTicks === horizonTicks),
  );
  const sum = (of: (part: HorizonScore) => number) =>
    parts.reduce((total, part) => total + of(part), 0);
  const count = sum((part) => part.count);
  const crps = sum((part) => part.crps);
  const share = (inside: number) => (count === 0 ? 0 : inside / count);
  const skillEwmaGaussian = skill(
    crps,
    sum((part) => part.crpsEwmaGaussian),
  );
  return {
    horizonTicks,
    count,
    crps: share(crps),
    skillEwmaGaussian,
    skillLastValue: skill(
      crps,
      sum((part) => part.crpsLastValue),
    ),
    coverage: [
      share(sum((part) => part.inside[0])),
      share(sum((part) => part.inside[1])),
      share(sum((part) => part.inside[2])),
    ],
    pit: Array.from({ length: 20 }, (_, cell) => share(sum((part) => part.pit[cell] ?? 0))),
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
