import type { HorizonScore, ScoreRecord } from '#shared/forecast/score.ts';
import { decodeScore } from '#shared/forecast/score-record.ts';
import type { EventLog } from '#shared/log/event-log.ts';

/** Skill = 1 - CRPS / CRPS of the baseline; null where the baseline's is zero or nothing was scored. */
export interface HorizonSkill {
  readonly horizonTicks: number;
  readonly count: number;
  readonly skillEwmaGaussian: number | null;
  readonly skillLastValue: number | null;
  /** Share of targets inside the central 50, 80 and 95 % interval. */
  readonly coverage: readonly [number, number, number] | null;
}

export interface SymbolSkill {
  readonly symbol: string;
  readonly horizons: readonly HorizonSkill[];
}

export interface ScoreTable {
  readonly symbols: readonly SymbolSkill[];
  /** Each symbol's own skill first, then the mean over symbols: a symbol with many ticks does not outweigh the others. */
  readonly mean: readonly HorizonSkill[];
}

type Sums = { -readonly [K in keyof HorizonScore]: HorizonScore[K] };

/** All scores of a log, summed per symbol and horizon. */
export async function scoreTable(log: EventLog): Promise<ScoreTable> {
  const bySymbol = new Map<string, Map<number, Sums>>();
  const { start, end } = await log.bounds('scores', 0);
  for await (const records of log.read('scores', 0, start, end)) {
    for (const { value } of records) add(bySymbol, decodeScore(value));
  }
  const symbols = [...bySymbol]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([symbol, sums]) => ({
      symbol,
      horizons: [...sums.values()].sort((a, b) => a.horizonTicks - b.horizonTicks).map(skillOf),
    }));
  return { symbols, mean: meanOf(symbols) };
}

function add(bySymbol: Map<string, Map<number, Sums>>, record: ScoreRecord): void {
  const sums = bySymbol.get(record.symbol) ?? new Map<number, Sums>();
  bySymbol.set(record.symbol, sums);
  for (const score of record.horizons) {
    const sum = sums.get(score.horizonTicks);
    sums.set(score.horizonTicks, sum === undefined ? score : joined(sum, score));
  }
}

function joined(a: Sums, b: HorizonScore): Sums {
  return {
    horizonTicks: a.horizonTicks,
    count: a.count + b.count,
    crps: a.crps + b.crps,
    crpsLastValue: a.crpsLastValue + b.crpsLastValue,
    crpsEwmaGaussian: a.crpsEwmaGaussian + b.crpsEwmaGaussian,
    absoluteError: a.absoluteError + b.absoluteError,
    absoluteErrorLastValue: a.absoluteErrorLastValue + b.absoluteErrorLastValue,
    inside: [a.inside[0] + b.inside[0], a.inside[1] + b.inside[1], a.inside[2] + b.inside[2]],
    pit: a.pit.map((count, k) => count + b.pit[k]),
  };
}

function skillOf(sums: Sums): HorizonSkill {
  const { horizonTicks, count, crps, inside } = sums;
  return {
    horizonTicks,
    count,
    skillEwmaGaussian: skill(crps, sums.crpsEwmaGaussian),
    skillLastValue: skill(crps, sums.crpsLastValue),
    coverage: count === 0 ? null : [inside[0] / count, inside[1] / count, inside[2] / count],
  };
}

function skill(loss: number, baselineLoss: number): number | null {
  return baselineLoss > 0 ? 1 - loss / baselineLoss : null;
}

function meanOf(symbols: readonly SymbolSkill[]): readonly HorizonSkill[] {
  const all = symbols.flatMap(({ horizons }) => horizons);
  const ticks = [...new Set(all.map(({ horizonTicks }) => horizonTicks))].sort((a, b) => a - b);
  return ticks.map((horizonTicks) => {
    const same = all.filter((one) => one.horizonTicks === horizonTicks);
    const covered = [0, 1, 2].map((k) => mean(same.map(({ coverage }) => coverage?.[k] ?? null)));
    const [half, most, nearlyAll] = covered;
    return {
      horizonTicks,
      count: same.reduce((sum, { count }) => sum + count, 0),
      skillEwmaGaussian: mean(same.map(({ skillEwmaGaussian }) => skillEwmaGaussian)),
      skillLastValue: mean(same.map(({ skillLastValue }) => skillLastValue)),
      coverage:
        half === null || most === null || nearlyAll === null ? null : [half, most, nearlyAll],
    };
  });
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
