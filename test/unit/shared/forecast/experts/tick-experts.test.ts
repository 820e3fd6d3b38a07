import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  TICK_EXPERTS,
  type TickExpert,
  TickExperts,
} from '#shared/forecast/experts/tick-experts.ts';
import { Random } from '#shared/nn/random.ts';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';

interface Golden {
  readonly horizons: readonly number[];
  readonly levels: readonly number[];
  readonly firstScored: number;
  readonly changes: readonly number[];
  readonly values: readonly number[];
  readonly expected: readonly {
    readonly event: number;
    readonly horizon: number;
    readonly mixed: readonly number[];
    readonly weights: readonly number[];
  }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../../golden/tick-experts.json', import.meta.url), 'utf8'),
) as Golden;
const { horizons, levels, changes, values, firstScored } = golden;

interface Mixed {
  readonly quantiles: readonly number[];
  readonly shares: readonly number[];
}

/** The golden series through the experts, as the fold would lead them: `[event - 1][horizon]`. */
function mixes(): Mixed[][] {
  const experts = new TickExperts(horizons, levels);
  // Not at the beginning of the arrays, as in an arena.
  const place = {
    f64: new Float64Array(7 + experts.f64Slots),
    f64At: 7,
    f32: new Float32Array(3 + experts.f32Slots),
    f32At: 3,
  };
  return changes.map((change, t) => {
    const event = t + 1;
    experts.observeChange(place.f64, 7, change, event);
    return horizons.map((h, k) => {
      if (event > h) {
        const origin = event - h;
        const happened = values[t] - values[origin - 1];
        experts.mature(place, k, { happened, tie: 1e-9, origin, isScored: origin >= firstScored });
      }
      const lean = Math.sin(event / 7) * 0.2;
      const quantiles = Float32Array.from(
        levels,
        (level) => lean + 0.8 * normalQuantile(level) * Math.sqrt(h),
      );
      experts.mix(place, k, { quantiles, at: 0, sigma: 0.6 * Math.sqrt(h), origin: event });
      return {
        quantiles: Array.from(quantiles),
        shares: sharesOf(experts, 3),
      };
    });
  });
}

function sharesOf(experts: TickExperts, count: number): readonly number[] {
  const shares = new Uint8Array(count);
  experts.writeShares(shares);
  return [...shares];
}

const found = mixes();

test('the mix agrees with numpy to the bits that a forecast keeps', () => {
  for (const { event, horizon, mixed } of golden.expected) {
    const { quantiles } = found[event - 1][horizon];
    const largest = Math.max(...mixed.map(Math.abs));
    const worst = Math.max(...mixed.map((q, l) => Math.abs(q - quantiles[l])));
    expect(worst / largest, `event ${event}, horizon ${horizon}`).toBeLessThan(2e-7);
  }
});

test('the weights agree with numpy, and at the end no two experts weigh the same', () => {
  for (const { event, horizon, weights } of golden.expected) {
    weights.forEach((weight, j) => {
      const share = found[event - 1][horizon].shares[j];
      expect(Math.abs(share - 255 * weight)).toBeLessThan(0.5001);
    });
  }
  const [last] = found[found.length - 1];
  expect(new Set(last.shares).size).toBe(TICK_EXPERTS.length);
});

test('who does not speak has no weight, and one alone is heard as he is', () => {
  const quantiles = Float32Array.from(levels, normalQuantile);
  const said = (speakers: readonly TickExpert[]) => {
    const experts = new TickExperts([1], levels, speakers);
    const f64 = new Float64Array(experts.f64Slots);
    const place = { f64, f64At: 0, f32: new Float32Array(experts.f32Slots), f32At: 0 };
    const mixed = quantiles.slice();
    experts.mix(place, 0, { quantiles: mixed, at: 0, sigma: 3, origin: 1 });
    return { mixed, shares: sharesOf(experts, speakers.length) };
  };
  expect(said(['network'])).toEqual({ mixed: quantiles, shares: [255] });
  const gaussian = Float32Array.from(levels, (level) => 3 * normalQuantile(level));
  expect(said(['ewma-gaussian'])).toEqual({ mixed: gaussian, shares: [255] });
  const both = said(['network', 'ewma-gaussian']);
  expect(both.shares).toEqual([204, 51]);
  both.mixed.forEach((quantile, l) => {
    expect(quantile).toBeCloseTo(0.8 * quantiles[l] + 0.2 * gaussian[l], 6);
  });
  expect(said(['ewma-gaussian', 'filtered-history']).shares).toEqual([128, 128]);
});

test('a network that says thrice the width loses its lead at every horizon', () => {
  const experts = new TickExperts([1, 100], levels);
  const f64 = new Float64Array(experts.f64Slots);
  const place = { f64, f64At: 0, f32: new Float32Array(experts.f32Slots), f32At: 0 };
  const random = new Random(5);
  const prices = [0];
  const shares = [1, 100].map(() => 1);
  const counted = new Uint8Array(3);
  for (let event = 1; event <= 20_000; event += 1) {
    prices.push(prices[event - 1] + random.normal());
    experts.observeChange(f64, 0, prices[event] - prices[event - 1], event);
    for (const [k, h] of [1, 100].entries()) {
      const origin = event - h;
      const happened = prices[event] - prices[Math.max(0, origin)];
      if (origin > 0) experts.mature(place, k, { happened, tie: 1e-9, origin, isScored: true });
      const sigma = Math.sqrt(h);
      const quantiles = Float32Array.from(levels, (level) => 3 * sigma * normalQuantile(level));
      experts.mix(place, k, { quantiles, at: 0, sigma, origin: event });
      experts.writeShares(counted);
      shares[k] = counted[0] / 255;
    }
  }
  expect(shares[0]).toBeLessThan(0.1);
  expect(shares[1]).toBeLessThan(0.3);
});

describe('state', () => {
  test('is bounded: a hundred thousand ticks ahead cost no more memory than a hundred', () => {
    const near = new TickExperts([100], levels);
    const far = new TickExperts([100_000], levels);
    expect(far.f32Slots).toBeLessThanOrEqual((16 / 15) * near.f32Slots);
    expect(far.f64Slots).toBe(near.f64Slots);
  });

  test('of three horizons and 21 levels is 18,224 bytes', () => {
    const { f64Slots, f32Slots } = new TickExperts([1, 10, 100], levels);
    expect(8 * f64Slots + 4 * f32Slots).toBe(18_224);
  });
});
