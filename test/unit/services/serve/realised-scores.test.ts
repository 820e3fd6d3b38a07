import { describe, expect, test } from 'vitest';
import { RealisedScores } from '#services/serve/realised-scores.ts';
import type { WireHorizonScore, WireScore } from '#shared/wire/message.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

const SYMBOL = 'venue:a';

describe('the score that a forecast carries', () => {
  test('is that of its symbol, one value per horizon, null where none has matured', () => {
    const realised = new RealisedScores();
    realised.take(4n, aScore({ horizons: [aHorizon({ horizonTicks: 10 })] }));
    expect(realised.at(4n, aForecast())?.wire).toEqual({
      eventTimeNs: '4',
      crps: [null, 0.1235],
      skillEwmaGaussian: [null, 0.04],
      coverage80: [null, 0.81],
    });
    expect(realised.at(4n, aForecast({ symbol: 'venue:b' }))).toBeNull();
  });

  test('never knows more than the forecast: one that came in early is not for older forecasts', () => {
    const realised = new RealisedScores();
    realised.take(50n, aScore({ eventTimeNs: '50' }));
    realised.take(100n, aScore({ eventTimeNs: '100' }));
    const timeAt = (src: bigint) => realised.at(src, aForecast())?.wire.eventTimeNs;
    expect([49n, 50n, 99n, 100n, 101n].map(timeAt)).toEqual([undefined, '50', '50', '100', '100']);
  });

  test('is made once for all forecasts until the next', () => {
    const realised = new RealisedScores();
    realised.take(1n, aScore());
    expect(realised.at(2n, aForecast())).toBe(realised.at(1n, aForecast({ origin: 1 })));
  });
});

function aScore(over: Partial<WireScore> = {}): WireScore {
  const horizons = [aHorizon({ horizonTicks: 1 }), aHorizon({ horizonTicks: 10 })];
  return { symbol: SYMBOL, eventTimeNs: '4', horizons, ...over };
}

function aHorizon(over: Partial<WireHorizonScore>): WireHorizonScore {
  return {
    horizonTicks: 1,
    count: 50,
    crps: 0.123456,
    skillEwmaGaussian: 0.04,
    skillLastValue: null,
    coverage: [0.5, 0.81, 0.95],
    pit: [],
    trail: [],
    ...over,
  };
}
