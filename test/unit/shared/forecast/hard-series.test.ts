import { describe, expect, test } from 'vitest';
import type { HorizonForecast } from '#shared/forecast/forecast.ts';
import { randomisedPit } from '#shared/forecast/scores/randomised-pit.ts';
import { Random } from '#shared/nn/random.ts';
import { Fold } from '#test/builders/a-fold.ts';
import { aModel, someSettings } from '#test/builders/a-model.ts';
import { recordsOf } from '#test/builders/a-tape.ts';
import { aTrade, MIDNIGHT_NS } from '#test/builders/a-tick.ts';

const HORIZONS = [1, 10];
const WARM_UP = 300;

interface Series {
  readonly values: readonly number[];
  /** Seconds between ticks. */
  readonly gaps?: (k: number) => number;
  readonly measure: 'price' | 'value';
}

/** All forecasts of a series by a network that has learnt nothing: what is right of them, the experts and the tracker made right. */
function forecastsOf({ values, gaps = () => 1, measure }: Series): HorizonForecast[][] {
  const settings = someSettings({ measure, horizons: HORIZONS });
  let eventTimeNs = MIDNIGHT_NS;
  const ticks = values.map((price, k) => {
    eventTimeNs += BigInt(Math.round(gaps(k) * 1e9));
    return aTrade({ seq: BigInt(k + 1), eventTimeNs, price });
  });
  const fold = new Fold(settings, [aModel(settings)]);
  fold.fold(recordsOf([{ kind: 'begin', warmUpTicks: WARM_UP }, ...ticks]));
  expect(fold.nonFiniteCount).toBe(0);
  expect(fold.out.entries).toHaveLength(values.length);
  return fold.out.entries.map(({ forecasts }) => [...forecasts[0].horizons]);
}

function expectSound(forecasts: readonly (readonly HorizonForecast[])[]): void {
  for (const { quantiles, weights } of forecasts.flat()) {
    expect(quantiles.every(Number.isFinite)).toBe(true);
    expect(quantiles).toEqual(quantiles.slice().sort());
    const sum = weights.reduce((total, weight) => total + weight, 0);
    expect(Math.abs(sum - 255)).toBeLessThanOrEqual(2);
  }
}

/** Share of targets inside the central 50, 80 and 95 % by randomised PIT, from origin `from` on. */
function coverageOf(series: Series, k: number, [from, to]: readonly [number, number]): number[] {
  const { values, measure } = series;
  const forecasts = forecastsOf(series);
  expectSound(forecasts);
  const random = new Random(1);
  const { levels } = someSettings();
  const offsets = measure === 'price' ? values.map((value) => 1e4 * Math.log(value)) : values;
  const inside = [0, 0, 0];
  for (let s = from; s < to; s += 1) {
    const happened = offsets[s + HORIZONS[k]] - offsets[s];
    const [tie, uniform] = [1e-4 * Math.abs(happened) + 1e-6, random.next()];
    const { quantiles } = forecasts[s][k];
    const pit = randomisedPit(quantiles, 0, happened, [0, ...levels, 1], { tie, uniform });
    [0.5, 0.8, 0.95].forEach((nominal, n) => {
      if (Math.abs(pit - 0.5) < nominal / 2) inside[n] += 1;
    });
  }
  return inside.map((count) => count / (to - from));
}

function expectCalibrated(found: readonly number[], tolerance: number): void {
  [0.5, 0.8, 0.95].forEach((nominal, n) => {
    expect(Math.abs(found[n] - nominal)).toBeLessThan(tolerance);
  });
}

/** A walk with steps of standard deviation `scaleAt(k)`. */
function walk(count: number, scaleAt: (k: number) => number, start = 0): number[] {
  const random = new Random(17);
  let value = start;
  return Array.from({ length: count }, (_, k) => {
    value += scaleAt(k) * random.normal();
    return value;
  });
}

describe('a symbol nobody looked at', () => {
  test('with a hundred ticks has a forecast at each, of the size of its changes', () => {
    const forecasts = forecastsOf({ values: walk(100, () => 2), measure: 'value' });
    expectSound(forecasts);
    const [{ quantiles }] = forecasts[99];
    expect(quantiles[19] - quantiles[1]).toBeGreaterThan(3);
    expect(quantiles[19] - quantiles[1]).toBeLessThan(12);
  });

  test.each(['price', 'value'] as const)('that never moves is forecast not to: %s', (measure) => {
    const forecasts = forecastsOf({ values: new Array<number>(900).fill(42), measure });
    expectSound(forecasts);
    for (const { quantiles } of forecasts.flat()) {
      expect(Math.max(...Array.from(quantiles, Math.abs))).toBeLessThan(1e-6);
    }
  });

  test('with gaps of hours between seconds is calibrated in ticks', () => {
    const gaps = (k: number): number => (k % 97 === 0 ? 40_000 : 0.5);
    const series = { values: walk(4000, () => 1), gaps, measure: 'value' } as const;
    expectCalibrated(coverageOf(series, 0, [1000, 3900]), 0.025);
    expectCalibrated(coverageOf(series, 1, [1000, 3900]), 0.04);
  });

  test('whose level jumps by a thousand of its steps is calibrated again after it', () => {
    const values = walk(6000, () => 1).map((value, k) => value + (k >= 2000 ? 1000 : 0));
    const series = { values, measure: 'value' } as const;
    expectCalibrated(coverageOf(series, 0, [1000, 1990]), 0.035);
    expectCalibrated(coverageOf(series, 0, [4000, 5900]), 0.06);
  });

  test.each([
    ['grows', (k: number) => (k < 3000 ? 0.01 : 10)],
    ['shrinks', (k: number) => (k < 3000 ? 10 : 0.01)],
  ])('whose scale %s a thousandfold is calibrated again after it', (_, scaleAt) => {
    const series = { values: walk(14_000, scaleAt), measure: 'value' } as const;
    expectCalibrated(coverageOf(series, 0, [1000, 2990]), 0.03);
    expectCalibrated(coverageOf(series, 0, [11_000, 13_900]), 0.06);
  });

  test('whose price moves by whole steps, mostly none, is calibrated one tick and ten ticks ahead', () => {
    const random = new Random(9);
    let steps = 1000;
    const values = Array.from({ length: 5000 }, () => {
      const u = random.next();
      if (u < 0.3) steps += u < 0.15 ? -1 : 1;
      return steps * 0.01;
    });
    const series = { values, measure: 'price' } as const;
    expectCalibrated(coverageOf(series, 0, [1000, 4900]), 0.03);
    expectCalibrated(coverageOf(series, 1, [1000, 4900]), 0.05);
  });
});
