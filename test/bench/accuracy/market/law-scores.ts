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

/** Shares inside the central 50, 80 and 95 %. */
export interface LawCoverage {
  /** Expected under the law. */
  readonly expected: readonly number[];
  /** On the one future that came. */
  readonly came: readonly number[];
}

export interface LawScores {
  /** Expected CRPS of what was stated; basis points. */
  readonly crps: number;
  /** That of the law itself. */
  readonly oracleCrps: number;
  readonly own: LawCoverage;
  /** Of the law's own quantiles: what a perfect forecaster shows. */
  readonly oracle: LawCoverage;
}

/**
 * Scores under the law instead of on the one future that came: the mean over all draws. So the chance of outcomes, which 100 ticks
 * ahead would hide differences of a few per cent on a tape of ten thousand ticks, is gone.
 *
 * Quantiles of the law are read off half of the draws and scored on both halves, in turn: where they are read off what scores them they
 * look better than the law by about as much as they look worse on the other half.
 */
export function scoresUnderLaw(origins: readonly StatedUnderLaw[]): LawScores {
  const random = new Random('halves');
  const halves = origins.map(({ draws }) => halvesOf(draws, random));
  const happened = origins.map((origin) => origin.happened);
  return {
    crps: mean(origins.map(({ stated, draws }) => expectedCrps(stated, draws))),
    oracleCrps: mean(
      halves.flatMap((both, k) =>
        both.map((half) => expectedCrps(lawQuantiles(half), origins[k].draws)),
      ),
    ),
    own: {
      expected: expectedCoverages(origins.map(({ stated, draws }) => [stated, draws])),
      came: coverages(
        origins.map(({ stated }) => stated),
        happened,
      ),
    },
    oracle: {
      expected: expectedCoverages(halves.map(([one, other]) => [lawQuantiles(one), other])),
      came: coverages(
        origins.map(({ draws }) => lawQuantiles(draws)),
        happened,
      ),
    },
  };
}

export function lawQuantiles(draws: Float64Array): Float64Array {
  const rising = draws.toSorted();
  return Float64Array.from(TICK_LEVELS, (level) => quantileOf(rising, level));
}

function halvesOf(draws: Float64Array, random: Random): readonly [Float64Array, Float64Array] {
  const mixed = Float64Array.from(draws);
  for (let k = mixed.length - 1; k > 0; k -= 1) {
    const other = random.integer(k + 1);
    [mixed[k], mixed[other]] = [mixed[other], mixed[k]];
  }
  const middle = mixed.length >> 1;
  return [mixed.subarray(0, middle), mixed.subarray(middle)];
}

function expectedCrps(stated: ArrayLike<number>, draws: Float64Array): number {
  let sum = 0;
  for (const draw of draws) sum += crps(stated, draw);
  return sum / draws.length;
}

function expectedCoverages(
  pairs: readonly (readonly [stated: ArrayLike<number>, draws: Float64Array])[],
): readonly number[] {
  return coverages(
    pairs.flatMap(([stated, draws]) => Array.from(draws, () => stated)),
    pairs.flatMap(([, draws]) => [...draws]),
  );
}
