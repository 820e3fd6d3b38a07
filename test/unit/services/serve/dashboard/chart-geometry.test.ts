import { describe, expect, test } from 'vitest';
import { chartGeometry, usualSpan } from '#services/serve/dashboard/chart-geometry.ts';
import { Outlook } from '#services/serve/dashboard/outlook.ts';
import { aWireForecast, WIRE_LEVELS } from '#test/builders/a-wire-forecast.ts';

describe('the fan chart', () => {
  test('the fan begins at the newest value, widens, and ends at the forecast quantiles', () => {
    const [widest] = aChart().fan;
    expect(widest[0]).toEqual({ x: 40, low: 100, high: 100 });
    expect(widest.at(-1)).toEqual({ x: 50, low: 97, high: 103 });
    const widths = widest.map(({ low, high }) => high - low);
    expect([...widths].sort((a, b) => a - b)).toEqual(widths);
  });

  test('a past band stands where its target was, not where it was made', () => {
    const { before } = aChart();
    expect(before[0][0]).toEqual({ x: 10, low: 97, high: 103 });
    expect(before[0].at(-1)?.x).toBe(40);
  });

  test('a value outside its widest band is marked', () => {
    expect(aChart().misses).toMatchObject([{ x: 20, y: 110 }]);
  });

  test('everything drawn lies inside the axes', () => {
    const { yMin, yMax, past, fan } = aChart();
    for (const { y } of past) expect(y > yMin && y < yMax).toBe(true);
    for (const { low, high } of fan[0]) expect(low > yMin && high < yMax).toBe(true);
  });

  test('a switch of the model stands at the first forecast of the new one', () => {
    expect(aChart().switches).toEqual([{ x: 30, sha: 'aa' }]);
  });

  test('as much of the past is shown as was asked for, else what suits the horizons', () => {
    const { now, xMin, past } = aChart(15);
    expect(now - xMin).toBe(15);
    expect(past.length).toBe(16);
    expect(usualSpan(1)).toBe(60);
    expect(usualSpan(100)).toBe(200);
  });
});

function aChart(spanTicks: number | null = null) {
  const outlook = new Outlook(aWireForecast(0));
  for (let origin = 1; origin <= 40; origin += 1) {
    const originValue = origin === 20 ? 110 : 100;
    const modelSha = origin < 30 ? 'ff' : 'aa';
    outlook.take(aWireForecast(origin, { originValue, modelSha }), true);
  }
  return chartGeometry(outlook, { levels: WIRE_LEVELS, horizonTicks: 10, spanTicks });
}
