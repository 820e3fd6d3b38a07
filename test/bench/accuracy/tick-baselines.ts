import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';
import { crps } from './tick-scores.ts';

/** Quantiles of every origin, one row of levels each; offsets in basis points. */
export type Quantiles = readonly Float64Array[];

export interface TapeOfChanges {
  /** 1e4 ln(price). */
  readonly values: readonly number[];
  /** First scored origin. */
  readonly first: number;
  readonly horizon: number;
}

const NORMAL = TICK_LEVELS.map(normalQuantile);

/**
 * The three baselines of the protocol with the settings that do best on warm-up: zero-mean Gaussian with EWMA variance, rolling
 * empirical quantiles, filtered historical simulation. Windows and half-lives are those of the reference prototype, not of the product.
 */
export function tickBaselines(tape: TapeOfChanges): Readonly<Record<string, Quantiles>> {
  const { values, horizon: h } = tape;
  const changes = values.map((value, t) => (t === 0 ? 0 : value - values[t - 1]));
  const realised = values.map((value, t) => (t < h ? 0 : value - values[t - h]));
  const future = values.map((value, t) => (t + h < values.length ? values[t + h] - value : 0));
  const best = (candidates: readonly Quantiles[]) => bestOnWarmUp(candidates, future, tape);
  const squares = ewmaOf(realised.map(squared));
  const ones = ewmaOf(changes.map(squared));
  const scale = (halfLife: number) => ones(halfLife).map((v) => Math.sqrt(h * v + 1e-6));
  return {
    'EWMA-Gaussian': best(
      [50, 200, 1000, 5000].flatMap((halfLife) => [
        gaussian(squares(halfLife)),
        gaussian(ones(halfLife).map((v) => h * v)),
      ]),
    ),
    'rolling quantiles': best([500, 2000, 5000].map((window) => rolling(future, h, window))),
    'filtered history': best(
      [50, 200, 1000].map((halfLife) => {
        const scales = scale(halfLife);
        const scaled = future.map((change, t) => change / scales[t]);
        return rolling(scaled, h, 2000).map((row, t) => row.map((q) => q * scales[t]));
      }),
    ),
  };
}

function bestOnWarmUp(
  candidates: readonly Quantiles[],
  future: readonly number[],
  { first, horizon }: TapeOfChanges,
): Quantiles {
  const from = first > 3000 ? 1000 : Math.floor(first / 3);
  const losses = candidates.map((quantiles) => {
    let sum = 0;
    for (let t = from; t < first - horizon; t += 1) sum += crps(quantiles[t], future[t]);
    return sum;
  });
  return candidates[losses.indexOf(Math.min(...losses))];
}

/** Of the newest `window` changes that are known at each origin, made anew every 20 origins. */
function rolling(future: readonly number[], h: number, window: number): Quantiles {
  let newest = new Float64Array(TICK_LEVELS.length);
  return future.map((_, t) => {
    const count = Math.min(t - h + 1, window);
    if (count >= 50 && t % 20 === 0) {
      const known = Float64Array.from(future.slice(t - h + 1 - count, t - h + 1)).sort();
      newest = Float64Array.from(TICK_LEVELS, (level) => {
        const at = level * (count - 1);
        const low = Math.floor(at);
        const next = known[Math.min(low + 1, count - 1)];
        return known[low] + (at - low) * (next - known[low]);
      });
    }
    return newest;
  });
}

function gaussian(variances: readonly number[]): Quantiles {
  return variances.map((v) => {
    const sigma = Math.sqrt(v + 1e-10);
    return Float64Array.from(NORMAL, (z) => sigma * z);
  });
}

/** Started from the mean of the first 200, as the prototype's. */
function ewmaOf(values: readonly number[]): (halfLife: number) => readonly number[] {
  return (halfLife) => {
    const rate = 1 - 0.5 ** (1 / halfLife);
    const start = values.slice(0, 200);
    let mean = start.reduce((sum, value) => sum + value, 0) / start.length;
    return values.map((value) => {
      mean += rate * (value - mean);
      return mean;
    });
  };
}

function squared(value: number): number {
  return value * value;
}
