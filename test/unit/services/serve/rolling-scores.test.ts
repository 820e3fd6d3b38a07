import { describe, expect, test } from 'vitest';
import { RollingScores } from '#services/serve/rolling-scores.ts';
import type { ScoreRecord } from '#shared/forecast/score.ts';
import { asSymbol } from '#shared/market/symbol.ts';
import { Random } from '#shared/nn/random.ts';

describe('rolling scores', () => {
  test('skill is one minus the ratio of summed losses, coverage the share inside', () => {
    const rolling = new RollingScores();
    rolling.take(aScore(1n, { crps: 30, crpsEwmaGaussian: 60, inside: [25, 40, 47] }));
    const score = rolling.take(
      aScore(2n, { crps: 60, crpsEwmaGaussian: 40, inside: [35, 40, 48] }),
    );
    expect(score?.horizons[0]).toMatchObject({
      count: 100,
      crps: 0.9,
      skillEwmaGaussian: 1 - 90 / 100,
      coverage: [0.6, 0.8, 0.95],
    });
    expect(score?.horizons[0].trail).toEqual([0.5, 1 - 90 / 100]);
  });

  test('only the newest 2,000 origins count', () => {
    const rolling = new RollingScores();
    for (let k = 0; k < 40; k += 1) rolling.take(aScore(BigInt(k), { crps: 1_000 }));
    for (let k = 40; k < 79; k += 1) rolling.take(aScore(BigInt(k), { crps: 50 }));
    const last = rolling.take(aScore(79n, { crps: 50 }));
    expect(last?.horizons[0]).toMatchObject({ count: 2_000, crps: 1 });
    expect(last?.horizons[0].trail.length).toBeLessThanOrEqual(120);
  });

  test('are those of the records that are left, at each horizon, also where some know less', () => {
    const random = new Random(7);
    const rolling = new RollingScores();
    const records: ScoreRecord[] = [];
    for (let k = 0; k < 90; k += 1) {
      const [near] = aScore(0n, { crps: 40 * random.next(), count: 30 + (k % 41) }).horizons;
      const far = { ...near, horizonTicks: 100, crps: 80 * random.next(), count: 1 + (k % 30) };
      const isNearOnly = k % 7 === 3 || k < 5;
      records.push({ ...aScore(BigInt(k)), horizons: isNearOnly ? [near] : [near, far] });
      const score = rolling.take(records[k]);
      const left = newest(records, 2_000);
      for (const { horizonTicks, count, crps, coverage } of score?.horizons ?? []) {
        const parts = left.filter((part) => part.horizonTicks === horizonTicks);
        expect(count).toBe(sumOf(parts.map((part) => part.count)));
        expect(crps).toBeCloseTo(sumOf(parts.map((part) => part.crps)) / count, 12);
        expect(coverage[1]).toBeCloseTo(sumOf(parts.map((part) => part.inside[1])) / count, 12);
      }
    }
  });

  test('a record that is repeated after a restart counts once', () => {
    const rolling = new RollingScores();
    rolling.take(aScore(5n));
    expect(rolling.take(aScore(5n))).toBeNull();
    expect(rolling.take(aScore(4n))).toBeNull();
    expect(rolling.take(aScore(6n))?.horizons[0].count).toBe(100);
  });

  test('skill against a baseline without loss is unknown, not infinite', () => {
    const score = new RollingScores().take(aScore(1n, { crpsEwmaGaussian: 0, crpsLastValue: 0 }));
    expect(score?.horizons[0]).toMatchObject({ skillEwmaGaussian: null, skillLastValue: null });
    expect(score?.horizons[0].trail).toEqual([]);
  });
});

/** What the newest records say that hold so many origins together. */
function newest(records: readonly ScoreRecord[], origins: number): ScoreRecord['horizons'] {
  const counts = records.map(({ horizons }) => horizons[0].count);
  const first = counts.findLastIndex((_, k) => sumOf(counts.slice(k)) >= origins);
  return records.slice(Math.max(0, first)).flatMap(({ horizons }) => horizons);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function aScore(src: bigint, over: Partial<ScoreRecord['horizons'][number]> = {}): ScoreRecord {
  const horizon = {
    horizonTicks: 10,
    count: 50,
    crps: 40,
    crpsLastValue: 80,
    crpsEwmaGaussian: 50,
    absoluteError: 60,
    absoluteErrorLastValue: 80,
    inside: [25, 40, 47] as const,
    pit: Array.from({ length: 20 }, () => 2.5),
    ...over,
  };
  return { symbol: asSymbol('a'), partition: 0, src, eventTimeNs: src, horizons: [horizon] };
}
