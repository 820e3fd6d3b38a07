import { decode, encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countedForecast, deltaJson } from '#services/serve/wire-delta.ts';
import { placedForecast, wireForecast } from '#services/serve/wire-forecast.ts';
import type { Forecast } from '#shared/forecast/forecast.ts';
import type { WireDelta, WireForecast } from '#shared/wire/message.ts';
import { rebuiltForecast } from '#shared/wire/rebuilt-forecast.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

const PLACE = { partition: 2, src: 7n, prev: 5n };
const NEXT_PLACE = { partition: 2, src: 9n, prev: 8n };
const SCORE = { eventTimeNs: '4', crps: [0.5], skillEwmaGaussian: [null], coverage80: [0.8] };
const CARRIED = { wire: SCORE, json: JSON.stringify(SCORE) };

describe('a delta', () => {
  test('added to the forecast before gives the forecast to the last bit, as JSON and as MessagePack', () => {
    let deltaCount = 0;
    fc.assert(
      fc.property(twoForecasts(), ([before, after]) => {
        const delta = deltaOf(before, after);
        if (delta === null) return;
        deltaCount += 1;
        const [base, next] = [wireOf(before, PLACE), wireOf(after, NEXT_PLACE)];
        for (const told of [delta, decode(encode(delta))]) {
          const rebuilt = rebuiltForecast(base, told as WireDelta);
          expect(rebuilt).toEqual(next);
          expect(numbersOf(rebuilt).every((one, k) => Object.is(one, numbersOf(next)[k]))).toBe(
            true,
          );
        }
      }),
      { numRuns: 500 },
    );
    expect(deltaCount).toBeGreaterThan(250);
  });

  test('added to deltas that were added one to the other loses nothing', () => {
    let held = wireOf(walk(0), PLACE);
    for (let k = 1; k < 1_000; k += 1) {
      const delta = deltaOf(walk(k - 1), walk(k));
      if (delta === null) throw new Error('a delta was possible');
      held = rebuiltForecast(held, delta);
    }
    expect(held).toEqual(wireOf(walk(999), NEXT_PLACE));
  });

  test('says nothing of what has not changed', () => {
    const delta = deltaOf(aForecast(), aForecast({ origin: 1 }));
    expect(Object.keys(delta ?? {})).toEqual(
      'symbol from origin eventTimeNs issuedMs position originValue decimals changes merged'.split(
        ' ',
      ),
    );
    expect(delta?.changes).toBe('AAAAAAAA');
  });

  test('of a move of the price alone has one change', () => {
    const of = (originValue: number, origin: number) => {
      const [horizon] = aForecast().horizons;
      const flat = { ...horizon, point: 0, quantiles: Float32Array.of(0, 0, 0) };
      return aForecast({ originValue, origin, horizons: [flat, flat] });
    };
    expect(deltaOf(of(100, 0), of(100.5, 1))?.changes).toMatch(/^[^A]+AAAAAAA$/);
  });

  test('has model, warm-up, score and weights where they are others', () => {
    const [first, second] = aForecast().horizons;
    const horizons = [first, { ...second, weights: Uint8Array.of(128, 127) }];
    const after = aForecast({ origin: 1, modelSha: 'cd'.repeat(32), isWarming: true, horizons });
    const [base, next] = [counted(aForecast(), PLACE), counted(after, NEXT_PLACE, CARRIED)];
    expect(wireDelta(base, next, 0)).toMatchObject({
      ...{ modelSha: after.modelSha, isWarming: true, score: SCORE },
      weights: [
        [0.78, 0.22],
        [0.5, 0.5],
      ],
    });
  });

  test.each<[string, Partial<Forecast>]>([
    ['measure is another', { measure: 'value' }],
    ['experts are others', { experts: ['network'] }],
    ['horizons are others', { horizons: aForecast().horizons.slice(1) }],
    ['value has one digit more', { originValue: 960 }],
    ['forecast between them is missing', { origin: 2 }],
  ])('is not made where the %s', (_what, over) => {
    expect(deltaOf(aForecast(), aForecast({ origin: 1, ...over }))).toBeNull();
  });

  test('is not made of numbers beyond 2^49 units', () => {
    const large = aForecast({ measure: 'value', originValue: 2 ** 50 });
    expect(countedForecast(placedForecast(large, PLACE, null))).toBeNull();
  });

  test('counts those that it stands for', () => {
    const [base, next] = [
      counted(aForecast(), PLACE),
      counted(aForecast({ origin: 5 }), NEXT_PLACE),
    ];
    expect(wireDelta(base, next, 4)).toMatchObject({ from: 0, origin: 5, merged: 4 });
    expect(wireDelta(base, next, 3)).toBeNull();
  });

  test('with another number of changes than there are numbers is refused', () => {
    const delta = deltaOf(aForecast(), aForecast({ origin: 1 })) as WireDelta;
    const base = wireOf(aForecast(), PLACE);
    expect(() => rebuiltForecast(base, { ...delta, changes: 'AAAAAAA' })).toThrow(
      /8 numbers, had 7/,
    );
  });
});

type Counted = ReturnType<typeof counted>;

function wireDelta(base: Counted, next: Counted, merged: number): WireDelta | null {
  const json = deltaJson(base, next, merged);
  return json === null ? null : (JSON.parse(Buffer.from(json).toString()) as WireDelta);
}

function deltaOf(before: Forecast, after: Forecast): WireDelta | null {
  return wireDelta(counted(before, PLACE), counted(after, NEXT_PLACE), 0);
}

function counted(forecast: Forecast, place: typeof PLACE, score: typeof CARRIED | null = null) {
  const found = countedForecast(placedForecast(forecast, place, score, 5));
  if (found === null) throw new Error('its numbers can be counted');
  return found;
}

function wireOf(forecast: Forecast, place: typeof PLACE): WireForecast {
  return wireForecast(placedForecast(forecast, place, null, 5), 0);
}

function numbersOf({ horizons }: WireForecast): number[] {
  return horizons.flatMap(({ point, quantiles }) => [point, ...quantiles]);
}

/** A random walk, without a random number. */
function walk(k: number): Forecast {
  const offset = (q: number) => 3 * Math.sin(k * 0.7 + q) + 10 * q;
  const horizons = aForecast().horizons.map((horizon) => ({
    ...horizon,
    point: offset(0.1),
    quantiles: Float32Array.of(offset(-1), offset(0), offset(1)),
  }));
  return aForecast({ origin: k, originValue: 100 + 0.01 * ((k * k) % 97), horizons });
}

/** Two in a row of one symbol, of any size, near to each other or not. */
function twoForecasts(): fc.Arbitrary<[Forecast, Forecast]> {
  const share = fc.double({ min: -1, max: 1, noNaN: true });
  const shares = fc.array(share, { minLength: 8, maxLength: 8 });
  return fc
    .record({
      measure: fc.constantFrom('price' as const, 'value' as const),
      size: fc.integer({ min: -9, max: 12 }),
      value: fc.double({ min: 1, max: 9.4, noNaN: true }),
      move: share,
      width: fc.constantFrom(0, 1e-6, 0.01, 1, 300),
      shares: fc.tuple(shares, shares),
      weights: fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 })),
    })
    .map(({ measure, size, value, move, width, shares: [a, b], weights }) => {
      const of = (origin: number, originValue: number, all: number[]) => {
        const scale = width * (measure === 'price' ? 1 : 10 ** size);
        const quantiles = (from: number) =>
          Float32Array.from(all.slice(from, from + 3), (one) => one * scale).sort();
        const horizon = (horizonTicks: number, at: number) => ({
          horizonTicks,
          point: Math.fround(all[at] * scale),
          quantiles: quantiles(at + 1),
          weights: Uint8Array.of(weights[origin], 255 - weights[origin]),
        });
        return aForecast({
          measure,
          origin,
          originValue,
          horizons: [horizon(1, 0), horizon(10, 4)],
        });
      };
      const sign = measure === 'value' && move < 0 ? -1 : 1;
      const originValue = sign * value * 10 ** size;
      return [of(0, originValue, a), of(1, originValue * (1 + 0.01 * move), b)];
    });
}
