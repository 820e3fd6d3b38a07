import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { randomisedPit } from '#shared/forecast/scores/randomised-pit.ts';
import { crpsCellWeights } from '#shared/nn/losses/pinball.ts';
import { Random } from '#shared/nn/random.ts';

const WEIGHTS = crpsCellWeights(TICK_LEVELS);
const EDGES = [0, ...TICK_LEVELS, 1];
export const NOMINAL = [0.5, 0.8, 0.95];
/** Basis points: far below one price step, far above rounding. */
const TIE = 1e-6;

export function crps(quantiles: ArrayLike<number>, happened: number): number {
  let sum = 0;
  for (let l = 0; l < TICK_LEVELS.length; l += 1) {
    const error = happened - quantiles[l];
    sum += WEIGHTS[l] * (error > 0 ? TICK_LEVELS[l] : TICK_LEVELS[l] - 1) * error;
  }
  return sum;
}

/** Mean distance of the central 50, 80 and 95 % intervals' coverage from what they say. */
export function coverageError(
  rows: readonly ArrayLike<number>[],
  happened: readonly number[],
): number {
  return mean(coverages(rows, happened).map((share, n) => Math.abs(share - NOMINAL[n])));
}

/** Shares inside the central 50, 80 and 95 % intervals, by randomised PIT. */
export function coverages(
  rows: readonly ArrayLike<number>[],
  happened: readonly number[],
): readonly number[] {
  const random = new Random('coverage');
  const inside = NOMINAL.map(() => 0);
  rows.forEach((row, k) => {
    const quantiles = Float32Array.from(row);
    const tie = TIE + 1e-6 * Math.abs(happened[k]);
    const pit = randomisedPit(quantiles, 0, happened[k], EDGES, { tie, uniform: random.next() });
    NOMINAL.forEach((nominal, n) => {
      if (Math.abs(pit - 0.5) < nominal / 2) inside[n] += 1;
    });
  });
  return inside.map((count) => count / rows.length);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
