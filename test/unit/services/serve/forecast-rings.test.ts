import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ForecastRings } from '#services/serve/forecast-rings.ts';
import { forecastJson } from '#services/serve/wire-forecast.ts';
import type { ForecastEntry } from '#shared/forecast/forecast.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

const LEVELS = [0.25, 0.5, 0.75];

describe('forecast rings', () => {
  test('an entry that comes twice is taken once, whatever packs it came in', () => {
    const packs = fc.array(fc.tuple(fc.nat(30), fc.nat(12)), { maxLength: 20 });
    fc.assert(
      fc.property(packs, (cuts) => {
        const rings = someRings(64);
        const all = entries(0, 40);
        const taken: bigint[] = [];
        let reached = 0;
        // A reader that begins again may only go back: packs overlap, and never leave a hole.
        for (const [back, length] of [...cuts, [0, 40] as const]) {
          const from = Math.max(0, reached - back);
          const pack = all.slice(from, from + length);
          reached = Math.max(reached, from + pack.length);
          for (const { src } of rings.take(0, { levels: LEVELS, entries: pack })) taken.push(src);
        }
        expect(taken).toEqual(all.slice(0, reached).map(({ src }) => src));
        expect(rings.gapCount).toBe(0);
      }),
    );
  });

  test('what came after a position is given whole while it is kept', () => {
    const rings = filled(someRings(16), 20);
    const missed = rings.since({ run: 'r', src: { 0: '24' } });
    expect(missed?.map(({ src }) => src)).toEqual([26n, 28n, 30n, 32n, 34n, 36n, 38n]);
  });

  test('a position that is older than what is kept, or of another run, is not recovered', () => {
    const rings = filled(someRings(16), 100);
    expect(rings.since({ run: 'r', src: { 0: '10' } })).toBeNull();
    expect(rings.since({ run: 'r', src: {} })).toBeNull();
    expect(rings.since({ run: 'other', src: { 0: '198' } })).toBeNull();
    expect(rings.since({ run: 'r', src: { 0: '198' } })).toEqual([]);
  });

  test('a client that read further at another gateway has missed nothing', () => {
    expect(filled(someRings(16), 100).since({ run: 'r', src: { 0: '10000' } })).toEqual([]);
  });

  test('a client that read nothing recovers all while the first entry is kept', () => {
    expect(filled(someRings(16), 5).since({ run: 'r', src: {} })).toHaveLength(5);
  });

  test('nobody recovers across a gap', () => {
    const rings = filled(someRings(16), 5);
    rings.take(0, { levels: LEVELS, entries: entries(7, 3) });
    expect(rings.gapCount).toBe(1);
    expect(rings.since({ run: 'r', src: { 0: '8' } })).toBeNull();
    expect(rings.since({ run: 'r', src: { 0: '14' } })).toHaveLength(2);
  });

  test('what is kept is bounded', () => {
    const rings = filled(someRings(16), 1_000);
    expect(rings.recent('venue:a', 1_000).length).toBeLessThanOrEqual(32);
    expect(rings.recent('venue:a', 3).map((one) => one.origin)).toEqual([997, 998, 999]);
    expect(rings.history('venue:a', 1_000).origins.length).toBeLessThanOrEqual(512);
  });

  test('a symbol that fell silent keeps its own forecast in memory, and none of its neighbours', () => {
    const rings = someRings(16);
    const all = entries(0, 100).map((entry, k) =>
      k === 3 ? { ...entry, forecasts: [aForecast({ symbol: 'venue:silent' })] } : entry,
    );
    for (const entry of all) {
      for (const { forecasts } of rings.take(0, { levels: LEVELS, entries: [entry] })) {
        for (const one of forecasts) forecastJson(one, 0);
      }
    }
    const silent = rings.latest('venue:silent');
    expect(rings.recent('venue:silent', 10)).toEqual([silent]);
    expect(silent?.json?.buffer.byteLength).toBe(silent?.json?.length);
    const kept = rings.latest('venue:a');
    expect(kept?.json?.buffer.byteLength).toBeGreaterThan(10_000);
  });

  test('wide rows count with all their forecasts, and the newest row is whole', () => {
    const rings = someRings(16);
    const forecasts = Array.from({ length: 20 }, (_, k) => aForecast({ symbol: `venue:${k}` }));
    for (const { src, prev } of entries(0, 50)) {
      rings.take(0, { levels: LEVELS, entries: [{ src, prev, forecasts }] });
    }
    const { run, src } = rings.position();
    expect(rings.since({ run, src: { 0: `${Number(src[0]) - 8}` } })).toBeNull();
    expect(rings.recent('venue:19', 50)).toHaveLength(1);
    expect(rings.gapCount).toBe(0);
  });

  test('a pack of other levels than the run began with is refused', () => {
    const rings = filled(someRings(16), 1);
    const other = { levels: [0.1, 0.5, 0.9], entries: entries(1, 1) };
    expect(() => rings.take(0, other)).toThrow(/one set of quantile levels/);
  });
});

function someRings(capacity: number): ForecastRings {
  return new ForecastRings({ run: 'r', partitionCount: 1, capacity });
}

function filled(rings: ForecastRings, count: number): ForecastRings {
  rings.take(0, { levels: LEVELS, entries: entries(0, count) });
  return rings;
}

/** Every second offset has a forecast, as where quotes stand between trades. */
function entries(from: number, count: number): ForecastEntry[] {
  return Array.from({ length: count }, (_, k) => ({
    src: BigInt(2 * (from + k)),
    prev: from + k === 0 ? -1n : BigInt(2 * (from + k) - 2),
    forecasts: [aForecast({ origin: from + k })],
  }));
}
