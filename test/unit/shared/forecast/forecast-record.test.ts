import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptBytesError } from '#shared/errors.ts';
import type { Forecast, ForecastEntry, ForecastPack } from '#shared/forecast/forecast.ts';
import { packsOf } from '#shared/forecast/forecast-packs.ts';
import {
  decodeForecastPack,
  encodeForecastPack,
  MixedPackError,
} from '#shared/forecast/forecast-record.ts';
import { TICK_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { ByteWriter } from '#shared/numeric/byte-writer.ts';
import { crc32 } from '#shared/numeric/crc32.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

const LEVELS = [0.25, 0.5, 0.75];
const HORIZONS = [1, 10];

const float = fc.float({ noNaN: true });
const horizons = fc.tuple(
  ...HORIZONS.map((horizonTicks) =>
    fc.record({
      horizonTicks: fc.constant(horizonTicks),
      point: float,
      quantiles: fc.tuple(float, float, float).map((three) => Float32Array.from(three)),
      weights: fc.uint8Array({ minLength: 2, maxLength: 2 }),
    }),
  ),
);
const forecast: fc.Arbitrary<Forecast> = fc
  .record({
    symbol: fc.stringMatching(/^[A-Za-z0-9._:/-]{1,64}$/),
    measure: fc.constantFrom('price' as const, 'value' as const),
    origin: fc.nat({ max: 2 ** 32 - 1 }),
    eventTimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    originValue: fc.double({ noNaN: true }),
    isWarming: fc.boolean(),
    modelSha: fc.constantFrom('ab'.repeat(32), '0f'.repeat(32), 'c3'.repeat(32)),
    horizons,
  })
  .map(aForecast);
const entry: fc.Arbitrary<ForecastEntry> = fc.record({
  src: fc.bigInt({ min: 0n, max: 2n ** 63n }),
  prev: fc.bigInt({ min: -1n, max: 2n ** 62n }),
  forecasts: fc.array(forecast, { maxLength: 4 }),
});
const pack: fc.Arbitrary<ForecastPack> = fc.record({
  levels: fc.constant(LEVELS),
  entries: fc.array(entry, { maxLength: 4 }),
});

test('a pack survives its bytes', () => {
  fc.assert(
    fc.property(pack, (some) => {
      expect(decodeForecastPack(encodeForecastPack(some))).toEqual(some);
    }),
    { numRuns: 200 },
  );
});

test('a pack cut short anywhere, or with a bit flipped anywhere, is corrupt', () => {
  fc.assert(
    fc.property(pack, fc.nat(), fc.nat({ max: 7 }), (some, where, bit) => {
      const bytes = encodeForecastPack(some);
      const at = where % bytes.length;
      const flipped = bytes.slice();
      flipped[at] ^= 1 << bit;
      expect(() => decodeForecastPack(flipped)).toThrow(CorruptBytesError);
      expect(() => decodeForecastPack(bytes.subarray(0, at))).toThrow(CorruptBytesError);
    }),
    { numRuns: 300 },
  );
});

test('a pack of version 1, which had no experts, is still read', () => {
  const horizons = aForecast().horizons.map((horizon) => ({
    ...horizon,
    weights: new Uint8Array(0),
  }));
  const entries = [{ src: 4n, prev: -1n, forecasts: [aForecast({ experts: [], horizons })] }];
  const newest = encodeForecastPack({ levels: LEVELS, entries }).subarray(0, -4);
  const countOfExperts = 2 + 8 * LEVELS.length;
  const writer = new ByteWriter(newest.length);
  writer.bytes(newest.subarray(0, countOfExperts));
  writer.bytes(newest.subarray(countOfExperts + 1));
  const body = writer.finish();
  body[0] = 1;
  writer.u32(crc32(body));
  const bytes = writer.finish();
  bytes[0] = 1;
  expect(decodeForecastPack(bytes)).toEqual({ levels: LEVELS, entries });
});

test('bytes of any kind are a pack or corrupt, and nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(() => decodeForecastPack(bytes)).toThrow(CorruptBytesError);
    }),
  );
});

describe('forecasts that do not share the shape of their pack are refused', () => {
  const [first, second] = aForecast().horizons;
  const cases: readonly [name: string, forecast: Forecast][] = [
    ['another horizon', aForecast({ horizons: [first, { ...second, horizonTicks: 11 }] })],
    ['a horizon less', aForecast({ horizons: [first] })],
    [
      'a level less',
      aForecast({ horizons: [first, { ...second, quantiles: Float32Array.of(0, 1) }] }),
    ],
    ['a weight less', aForecast({ horizons: [first, { ...second, weights: Uint8Array.of(255) }] })],
    ['another expert', aForecast({ experts: ['network', 'last-value'] })],
  ];
  test.each(cases)('%s', (_, odd) => {
    const entries = [{ src: 0n, prev: -1n, forecasts: [aForecast(), odd] }];
    expect(() => encodeForecastPack({ levels: LEVELS, entries })).toThrow(MixedPackError);
  });
});

describe('packs', () => {
  const wide = (symbol: string): Forecast =>
    aForecast({
      symbol,
      horizons: [1, 10, 100].map((horizonTicks) => ({
        horizonTicks,
        point: 0,
        quantiles: new Float32Array(21),
        weights: new Uint8Array(2),
      })),
    });
  const longest = 'x'.repeat(64);
  const entriesOf = (count: number, symbolCount: number): ForecastEntry[] =>
    Array.from({ length: count }, (_, k) => ({
      src: BigInt(2 * k),
      prev: BigInt(2 * k - 2),
      forecasts: Array.from({ length: symbolCount }, () => wide(longest)),
    }));

  test.each([
    ['many small entries', entriesOf(5000, 1)],
    ['few large ones', entriesOf(30, 400)],
    ['a thousand of seven symbols', entriesOf(1000, 7)],
  ])('of %s are at most 512 KiB each and hold all entries in order', (_, entries) => {
    const packs = packsOf(entries, TICK_LEVELS);
    expect(packs.length).toBeGreaterThan(1);
    for (const bytes of packs) expect(bytes.length).toBeLessThanOrEqual(512 * 1024);
    const back = packs.flatMap((bytes) => decodeForecastPack(bytes).entries);
    expect(back.map(({ src }) => src)).toEqual(entries.map(({ src }) => src));
    expect(back.every(({ forecasts }, k) => forecasts.length === entries[k].forecasts.length)).toBe(
      true,
    );
  });

  test('are filled well: half a pack is not left empty', () => {
    const packs = packsOf(entriesOf(5000, 1), TICK_LEVELS);
    for (const bytes of packs.slice(0, -1)) expect(bytes.length).toBeGreaterThan(384 * 1024);
  });

  test('of one entry too large for any pack hold that entry alone', () => {
    const [small, large, last] = [...entriesOf(1, 1), ...entriesOf(1, 2000), ...entriesOf(1, 1)];
    const packs = packsOf([small, large, last], TICK_LEVELS).map(decodeForecastPack);
    expect(packs.map(({ entries }) => entries.map(({ forecasts }) => forecasts.length))).toEqual([
      [1],
      [2000],
      [1],
    ]);
  });

  test('of nothing are none', () => {
    expect(packsOf([], TICK_LEVELS)).toEqual([]);
  });
});
