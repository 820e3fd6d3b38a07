import { beforeAll, describe, expect, test } from 'vitest';
import type { Forecast } from '#shared/forecast/forecast.ts';
import type { HorizonScore } from '#shared/forecast/score.ts';
import { crpsOfGaussian, crpsOfQuantiles } from '#shared/forecast/scores/crps.ts';
import { randomisedPit, symbolKey, uniformOf } from '#shared/forecast/scores/randomised-pit.ts';
import { asSymbol } from '#shared/market/symbol.ts';
import { crpsCellWeights } from '#shared/nn/losses/pinball.ts';
import { Random } from '#shared/nn/random.ts';
import { normalQuantile } from '#shared/numeric/normal-quantile.ts';
import { aFold, Fold } from '#test/builders/a-fold.ts';
import { aModel, someSettings } from '#test/builders/a-model.ts';
import { aTape, recordsOf } from '#test/builders/a-tape.ts';
import { aTrade } from '#test/builders/a-tick.ts';

const { horizons, levels } = someSettings();
const WARM_UP = 150;
const TICKS = 500;
const HALF_LIVES = [50, 200, 1000, 5000];

const tape = aTape({ tickCount: TICKS, seed: 5 });
const values = tape.map((tick) =>
  tick.kind === 'trade' ? 1e4 * Math.log(tick.price) : Number.NaN,
);
let fold: Fold;
let forecasts: readonly Forecast[];

beforeAll(() => {
  const begin = { kind: 'begin', warmUpTicks: WARM_UP } as const;
  fold = aFold().fold(recordsOf([begin, ...tape]));
  forecasts = fold.out.entries.flatMap((entry) => entry.forecasts);
});

/** The means of squares that an EWMA which starts as the plain mean gives, at every index. */
function meanSquares(changes: readonly number[], halfLife: number): number[] {
  let mean = 0;
  return changes.map((change, k) => {
    mean += Math.max(1 - 2 ** (-1 / halfLife), 1 / (k + 1)) * (change * change - mean);
    return mean;
  });
}

/** Standard deviations of the eight baselines of one horizon at every event. */
function candidates(h: number): number[][] {
  const changes = values.map((value, t) => (t === 0 ? 0 : value - values[t - 1]));
  const realised = values.slice(h).map((value, k) => value - values[k]);
  return [
    ...HALF_LIVES.map((halfLife) => [
      ...new Array<number>(h).fill(0),
      ...meanSquares(realised, halfLife).map(Math.sqrt),
    ]),
    ...HALF_LIVES.map((halfLife) => meanSquares(changes, halfLife).map((v) => Math.sqrt(h * v))),
  ];
}

const tables = {
  weights: crpsCellWeights(levels),
  normalQuantiles: Float64Array.from(levels, normalQuantile),
};

function baseline(h: number): number[] {
  const sigmas = candidates(h);
  const losses = sigmas.map((sigma) => {
    let loss = 0;
    // Origins of warm-up whose target comes after the first 100 h-changes have been realised.
    for (let s = 100; s < WARM_UP - 1; s += 1) {
      loss += crpsOfGaussian(sigma[s], values[s + h] - values[s], levels, tables);
    }
    return loss;
  });
  return sigmas[losses.indexOf(Math.min(...losses))];
}

/** All scores again, from what was published and the tape alone: origin s of horizon h meets value s + h. */
function recomputed(
  k: number,
  from: number,
  to: number,
): Omit<HorizonScore, 'pit' | 'inside'> & { pit: number[] } {
  const h = horizons[k];
  const sigma = baseline(h);
  const sums = {
    crps: 0,
    crpsLastValue: 0,
    crpsEwmaGaussian: 0,
    absoluteError: 0,
    absoluteErrorLastValue: 0,
  };
  const pit = new Array<number>(20).fill(0);
  let count = 0;
  for (let s = Math.max(WARM_UP - 1, from - h); s + h < to; s += 1) {
    const { quantiles } = forecasts[s].horizons[k];
    const happened = values[s + h] - values[s];
    count += 1;
    sums.crps += crpsOfQuantiles(quantiles, 0, happened, levels, tables.weights);
    sums.crpsLastValue += Math.abs(happened);
    sums.crpsEwmaGaussian += crpsOfGaussian(sigma[s], happened, levels, tables);
    sums.absoluteError += Math.abs(happened - quantiles[10]);
    sums.absoluteErrorLastValue += Math.abs(happened);
    const uniform = uniformOf(symbolKey(asSymbol('venue:a')) + s + 1, k);
    const found = randomisedPit(quantiles, 0, happened, [0, ...levels, 1], { tie: 1e-5, uniform });
    pit[Math.min(19, Math.floor(found * 20))] += 1;
  }
  return { horizonTicks: h, count, ...sums, pit };
}

test('every event has one forecast, its origin counts from zero, and its value is that of its tick', () => {
  expect(forecasts.map(({ origin }) => origin)).toEqual(tape.map((_, t) => t));
  forecasts.forEach(({ originValue, eventTimeNs }, t) => {
    expect(1e4 * Math.log(originValue)).toBeCloseTo(values[t], 9);
    expect(eventTimeNs).toBe(tape[t].eventTimeNs);
  });
});

test('a score comes after every fiftieth event of its symbol, once something has matured', () => {
  const { scores } = fold.out;
  // The begin record has offset 0, so the event of index t has offset t + 1.
  expect(scores.map(({ src }) => src)).toEqual(
    [150n, 200n, 250n, 300n, 350n, 400n, 450n, 500n].slice(1),
  );
  expect(scores.every(({ partition }) => partition === 3)).toBe(true);
  expect(scores[0].eventTimeNs).toBe(tape[199].eventTimeNs);
});

describe.each([0, 1])('horizon %i: what the fold scored', (k) => {
  test('is what the published forecasts score against the tape, span by span', () => {
    for (const { src, horizons: spans } of fold.out.scores) {
      const end = Number(src);
      const expected = recomputed(k, end - 50, end);
      const found = spans[k];
      expect(found.horizonTicks).toBe(expected.horizonTicks);
      expect(found.count).toBe(expected.count);
      expect(found.pit).toEqual(expected.pit);
      for (const field of [
        'crps',
        'crpsLastValue',
        'crpsEwmaGaussian',
        'absoluteError',
        'absoluteErrorLastValue',
      ] as const) {
        expect(Math.abs(found[field] / expected[field] - 1)).toBeLessThan(1e-6);
      }
    }
  });

  test('begins with the first origin after warm-up and loses none', () => {
    const counts = fold.out.scores.map(({ horizons: spans }) => spans[k].count);
    const first = WARM_UP - 1 + horizons[k];
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(TICKS - first);
  });

  test('counts targets inside the central intervals as the same PIT does', () => {
    for (const { horizons: spans } of fold.out.scores) {
      const { pit, inside, count } = spans[k];
      expect(inside[0]).toBe(pit.slice(5, 15).reduce((sum, cell) => sum + cell, 0));
      expect(inside[1]).toBe(pit.slice(2, 18).reduce((sum, cell) => sum + cell, 0));
      expect(inside[2] >= inside[1] && inside[2] <= count).toBe(true);
    }
  });
});

describe('calibration', () => {
  /** A walk with Gaussian steps, so that no truth ties with a quantile. */
  const random = new Random(21);
  let value = 0;
  const walk = Array.from({ length: 3000 }, (_, k) => {
    value += random.normal();
    return aTrade({ seq: BigInt(k + 1), price: value });
  });
  const settings = someSettings({ measure: 'value' });
  const narrow = aModel(settings, { remade: (parameter) => parameter / 3 });
  const folded = (warmUpTicks: number): Fold =>
    new Fold(settings, [narrow]).fold(recordsOf([{ kind: 'begin', warmUpTicks }, ...walk]));
  const quantilesOf = (some: Fold, k: number): Float32Array[] =>
    some.out.entries.map((entry) => entry.forecasts[0].horizons[k].quantiles);

  test('changes a forecast from the first one that a matured forecast precedes, and none of warm-up', () => {
    const [calibrated, stated] = [folded(200), folded(10_000)];
    horizons.forEach((h, k) => {
      const [adjusted, plain] = [quantilesOf(calibrated, k), quantilesOf(stated, k)];
      const first = adjusted.findIndex((quantiles, t) =>
        quantiles.some((q, l) => q !== plain[t][l]),
      );
      // The first scored origin has index 199, and its target comes h events later.
      expect(first).toBe(199 + h);
    });
  });

  test('brings the coverage of a forecast three times too narrow to its level', () => {
    const late = folded(200).out.scores.slice(-40);
    const covered = (k: number): number => {
      const sum = (pick: (score: HorizonScore) => number): number =>
        late.reduce((total, { horizons: spans }) => total + pick(spans[k]), 0);
      return sum(({ inside }) => inside[1]) / sum(({ count }) => count);
    };
    expect(covered(0)).toBeGreaterThan(0.76);
    expect(covered(0)).toBeLessThan(0.84);
    expect(covered(1)).toBeGreaterThan(0.7);
    expect(covered(1)).toBeLessThan(0.9);
  });
});

describe('what is scored was stated before its target was seen', () => {
  test('another last tick changes only the scores of the origins that mature with it', () => {
    const changed = tape.map((tick, t) =>
      t === 399 && tick.kind === 'trade' ? { ...tick, price: tick.price + 1 } : tick,
    );
    const begin = { kind: 'begin', warmUpTicks: WARM_UP } as const;
    const other = aFold().fold(recordsOf([begin, ...changed.slice(0, 400)]));
    const own = fold.out.scores.filter(({ src }) => src <= 400n);
    expect(other.out.scores.slice(0, -1)).toEqual(own.slice(0, -1));
    const [now, was] = [other.out.scores, own].map(
      (scores) => scores[scores.length - 1].horizons[0],
    );
    // The price is a hundred or so: one more is about a hundred basis points, all of which are one origin's.
    const moved = Math.abs(now.crpsLastValue - was.crpsLastValue);
    expect(moved).toBeGreaterThan(50);
    expect(moved).toBeLessThan(150);
    expect(now.count).toBe(was.count);
  });

  test('a forecast of warm-up is never scored', () => {
    const warming = aFold().fold(recordsOf([{ kind: 'begin', warmUpTicks: 10_000 }, ...tape]));
    expect(warming.out.scores).toEqual([]);
    expect(warming.out.entries).toHaveLength(TICKS);
  });
});
