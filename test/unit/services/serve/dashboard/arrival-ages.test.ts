import { expect, test } from 'vitest';
import { ArrivalAges } from '#services/serve/dashboard/arrival-ages.ts';
import { aWireForecast } from '#test/builders/a-wire-forecast.ts';

const NOW_MS = 1_754_650_000_000;

function heard(ages: ArrivalAges, ageMs: number, nowMs = NOW_MS): void {
  ages.take([aWireForecast(0, { eventTimeNs: `${nowMs - ageMs}000000` })], nowMs);
}

test('the age of ticks at the page is the median and the 99th percentile of the newest ten seconds', () => {
  const ages = new ArrivalAges();
  expect(ages.newest(NOW_MS)).toBeNull();
  for (let k = 1; k <= 100; k += 1) heard(ages, k);
  expect(ages.newest(NOW_MS)).toEqual({ p50: 51, p99: 100 });
  heard(ages, 7, NOW_MS + 9_000);
  expect(ages.newest(NOW_MS + 11_000)).toEqual({ p50: 7, p99: 7 });
});

test.each([
  ['a feed of last year', 365 * 86_400_000],
  ['a clock that is behind', -60_000],
])('%s has none', (_name, ageMs) => {
  const ages = new ArrivalAges();
  heard(ages, ageMs);
  expect(ages.newest(NOW_MS)).toBeNull();
});

test('a clock that is behind by less than it takes is no reason for a negative age', () => {
  const ages = new ArrivalAges();
  heard(ages, -3);
  expect(ages.newest(NOW_MS)).toEqual({ p50: 0, p99: 0 });
});
