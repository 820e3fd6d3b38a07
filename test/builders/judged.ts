import type { Forecast } from '#shared/forecast/forecast.ts';
import { randomisedPit } from '#shared/forecast/scores/randomised-pit.ts';
import { Random } from '#shared/nn/random.ts';

export const NOMINAL = [0.5, 0.8, 0.95] as const;

export interface JudgeOptions {
  readonly levels: readonly number[];
  readonly measure: 'price' | 'value';
  /** Ticks of a season, for the seasonal naive forecast. */
  readonly seasonTicks: number;
  /** First origin that counts. */
  readonly from: number;
}

/** How good the forecasts of one horizon were. */
export interface Judged {
  readonly horizonTicks: number;
  /** Mean absolute error of the point, over that of the last value and of the value a season before. */
  readonly vsLastValue: number;
  readonly vsSeasonal: number;
  /** Mean squared error of the point, over that of the last value. */
  readonly squareVsLastValue: number;
  /** Share of targets inside the central 50, 80 and 95 %, by randomised PIT. */
  readonly coverage: readonly number[];
}

/** Forecasts of a symbol, one per value, against what came. */
export function judged(
  values: readonly number[],
  forecasts: readonly Forecast[],
  { levels, measure, seasonTicks: season, from }: JudgeOptions,
): readonly Judged[] {
  const offsets = measure === 'price' ? values.map((value) => 1e4 * Math.log(value)) : values;
  return forecasts[0].horizons.map(({ horizonTicks }, k) => {
    const random = new Random(1);
    const inside = NOMINAL.map(() => 0);
    const errors = { own: 0, last: 0, seasonal: 0 };
    const squares = { own: 0, last: 0 };
    for (let t = from; t < values.length - horizonTicks; t += 1) {
      const { point, quantiles } = forecasts[t].horizons[k];
      const happened = offsets[t + horizonTicks] - offsets[t];
      const before = offsets[t + horizonTicks - season * Math.ceil(horizonTicks / season)];
      errors.own += Math.abs(point - happened);
      errors.last += Math.abs(happened);
      squares.own += (point - happened) ** 2;
      squares.last += happened ** 2;
      errors.seasonal += Math.abs(before - offsets[t] - happened);
      const edges = [0, ...levels, 1];
      const chance = { tie: 1e-6 * Math.abs(happened), uniform: random.next() };
      const pit = randomisedPit(quantiles, 0, happened, edges, chance);
      for (const [n, nominal] of NOMINAL.entries()) {
        if (Math.abs(pit - 0.5) < nominal / 2) inside[n] += 1;
      }
    }
    const count = values.length - horizonTicks - from;
    return {
      horizonTicks,
      vsLastValue: errors.own / errors.last,
      vsSeasonal: errors.own / errors.seasonal,
      squareVsLastValue: squares.own / squares.last,
      coverage: inside.map((one) => one / count),
    };
  });
}
