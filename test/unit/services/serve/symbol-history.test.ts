import { expect, test } from 'vitest';
import { HISTORY_ORIGINS, SymbolHistory } from '#services/serve/symbol-history.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

test.each([0, 1, 16, 17, HISTORY_ORIGINS, HISTORY_ORIGINS + 1, 3 * HISTORY_ORIGINS + 5])(
  'of %i origins the newest are kept, oldest first',
  (count) => {
    const history = new SymbolHistory();
    for (let origin = 0; origin < count; origin += 1) {
      const eventTimeNs = 10n ** 18n + BigInt(origin);
      history.push(aForecast({ origin, eventTimeNs, originValue: origin / 8 }));
    }
    for (const asked of [1, 20, 10_000]) {
      const kept = Math.min(asked, count, HISTORY_ORIGINS);
      const origins = Array.from({ length: kept }, (_, k) => count - kept + k);
      expect(history.newest('venue:a', asked)).toEqual({
        symbol: 'venue:a',
        origins,
        eventTimesNs: origins.map((origin) => `${10n ** 18n + BigInt(origin)}`),
        values: origins.map((origin) => origin / 8),
      });
    }
  },
);
