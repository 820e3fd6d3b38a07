import { levelPair } from './chart-geometry.ts';
import type { Outlook } from './outlook.ts';

/** Nominal share of each central interval, and its lower level. */
export const CENTRAL = [
  { share: 0.5, lower: 0.25 },
  { share: 0.8, lower: 0.1 },
  { share: 0.95, lower: 0.025 },
] as const;

/** Outcomes over which a share is taken. */
export const WINDOW = 100;
/** With fewer a share would jump. */
const LEAST = 30;

export interface CoverageTrail {
  /** Ticks (origins) at which the newest outcome came. */
  readonly xs: readonly number[];
  /** By interval of CENTRAL: the share of the newest outcomes inside. */
  readonly shares: readonly (readonly number[])[];
}

/** Coverage over time, from the forecasts that the page holds and what came of them. */
export function coverageTrail(
  outlook: Outlook,
  levels: readonly number[],
  horizonTicks: number,
): CoverageTrail {
  const truth = new Map(outlook.past.map(({ origin, value }) => [origin, value]));
  const pairs = CENTRAL.map(({ lower }) => levelPair(levels, lower));
  const at = outlook.latest.horizons.findIndex((one) => one.horizonTicks === horizonTicks);
  const outcomes: { x: number; inside: number[] }[] = [];
  for (const [origin, { horizons, isWarming }] of outlook.forecasts) {
    const value = truth.get(origin + horizonTicks);
    const quantiles = horizons[at]?.quantiles;
    if (value === undefined || quantiles === undefined || isWarming) continue;
    const inside = pairs.map(([low, high]) => insideShare(value, quantiles, levels, [low, high]));
    outcomes.push({ x: origin + horizonTicks, inside });
  }
  return rolled(outcomes);
}

/** How far apart still counts as equal: quantiles travel with ten digits. */
const TIE = 2e-9;

/**
 * Share of an outcome inside an interval: one or none, but where it ties with quantiles (a price that often stays) in between,
 * as the randomised PIT of the scores has it on average (Czado, Gneiting and Held 2009).
 */
export function insideShare(
  value: number,
  quantiles: readonly number[],
  levels: readonly number[],
  [low, high]: readonly [number, number],
): number {
  const tie = TIE * Math.abs(value);
  const edges = [0, ...levels, 1];
  const below = quantiles.filter((quantile) => quantile < value - tie).length;
  const upTo = quantiles.filter((quantile) => quantile <= value + tie).length;
  const [from, to] = [edges[below], edges[Math.min(upTo + 1, edges.length - 1)]];
  const shared = Math.min(to, levels[high]) - Math.max(from, levels[low]);
  return Math.max(0, shared) / (to - from);
}

function rolled(outcomes: readonly { x: number; inside: readonly number[] }[]): CoverageTrail {
  const xs: number[] = [];
  const shares: number[][] = CENTRAL.map(() => []);
  const sums = CENTRAL.map(() => 0);
  for (const [k, { x, inside }] of outcomes.entries()) {
    const left = outcomes[k - WINDOW]?.inside;
    const count = Math.min(k + 1, WINDOW);
    if (count >= LEAST) xs.push(x);
    for (const j of sums.keys()) {
      sums[j] += inside[j] - (left?.[j] ?? 0);
      if (count >= LEAST) shares[j].push(sums[j] / count);
    }
  }
  return { xs, shares };
}
