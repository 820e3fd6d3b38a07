import { quantileOf } from '#services/ingest/sources/simulated/true-law.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { Random } from '#shared/nn/random.ts';
import { coverages, crps, mean } from '../tick-scores.ts';

/** What was stated about a change, the true law of that change as draws from it, and what came. */
export interface StatedUnderLaw {
  readonly stated: ArrayLike<number>;
  readonly draws: Float64Array;
  readonly happened: number;
}

export interface LawScores {
  /** Expected CRPS of what was stated; basis points. */
  readonly crps: number;
  /** That of the law itself. */
  readonly oracleCrps: number;
  /** Expected shares inside the central 50, 80 and 95 %. */
  readonly coverages: readonly number[];
  /** The same on the one future that came. */
  readonly came: readonly number[];
  /** Of the law's own quantiles on what came: what a perfect forecaster shows. */
  readonly oracleCame: readonly number[];
}

/**
 * Scores under the law instead of on the one future that came: the mean over all draws. So the chance of outcomes, which 100 ticks
 * ahead would hide differences of a few per cent on a tape of ten thousand ticks, is gone.
 */
export function scoresUnderLaw(origins: readonly StatedUnderLaw[]): LawScores {
  const random = new Random('halves');
  const happened = origins.map((origin) => origin.happened);
  return {
    crps: mean(origins.map(({ stated, draws }) => expectedCrps(stated, draws))),
    oracleCrps: mean(origins.map(({ draws }) => crpsOfLaw(draws, random))),
    coverages: coverages(
      origins.flatMap(({ stated, draws }) => Array.from(draws, () => stated)),
      origins.flatMap(({ draws }) => [...draws]),
    ),
    came: coverages(
      origins.map(({ stated }) => stated),
      happened,
    ),
    oracleCame: coverages(
      origins.map(({ draws }) => lawQuantiles(draws)),
      happened,
    ),
  };
}

export function lawQuantiles(draws: Float64Array): Float64Array {
  const rising = draws.toSorted();
  return Float64Array.from(TICK_LEVELS, (level) => quantileOf(rising, level));
}

/**
 * Quantiles are read off half of the draws and scored on both halves, in turn: where they are read off what scores them they look better
 * than the law by about as much as they look worse on the other half.
 */
function crpsOfLaw(draws: Float64Array, random: Random): number {
  const mixed = Float64Array.from(draws);
  for (let k = mixed.length - 1; k > 0; k -= 1) {
    const other = random.integer(k + 1);
    [mixed[k], mixed[other]] = [mixed[other], mixed[k]];
  }
  const middle = mixed.length >> 1;
  const halves = [mixed.subarray(0, middle), mixed.subarray(middle)];
  return mean(halves.map((half) => expectedCrps(lawQuantiles(half), draws)));
}

function expectedCrps(stated: ArrayLike<number>, draws: Float64Array): number {
  let sum = 0;
  for (const draw of draws) sum += crps(stated, draw);
  return sum / draws.length;
}
