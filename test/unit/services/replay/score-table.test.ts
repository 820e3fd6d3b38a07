import { expect, test } from 'vitest';
import { scoreTable } from '#services/replay/score-table.ts';
import type { HorizonScore } from '#shared/forecast/score.ts';
import { encodeScore } from '#shared/forecast/score-record.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import { asSymbol } from '#shared/market/symbol.ts';

function aScore(over: Partial<HorizonScore>): HorizonScore {
  return {
    horizonTicks: 1,
    count: 50,
    crps: 0,
    crpsLastValue: 0,
    crpsEwmaGaussian: 0,
    absoluteError: 0,
    absoluteErrorLastValue: 0,
    inside: [25, 40, 48],
    pit: new Array(20).fill(0),
    ...over,
  };
}

async function tableOf(scores: readonly (readonly [string, HorizonScore])[]) {
  const log = openMemoryLog({ partitionCount: 1 });
  for (const [symbol, score] of scores) {
    const record = { symbol: asSymbol(symbol), partition: 0, src: 0n, eventTimeNs: 0n };
    await log.append('scores', 0, [encodeScore({ ...record, horizons: [score] })]);
  }
  return scoreTable(log);
}

test('a symbol’s skill is of its sums, the mean over symbols of their skills', async () => {
  const table = await tableOf([
    ['a', aScore({ crps: 10, crpsEwmaGaussian: 20, crpsLastValue: 40 })],
    ['a', aScore({ crps: 20, crpsEwmaGaussian: 20, crpsLastValue: 20 })],
    // Many more ticks, larger units: by sums it would drown `a`.
    ['b', aScore({ count: 5_000, crps: 9_000, crpsEwmaGaussian: 10_000, crpsLastValue: 9_000 })],
  ]);
  expect(table.symbols[0].horizons[0].skillEwmaGaussian).toBeCloseTo(1 - 30 / 40, 12);
  expect(table.symbols[1].horizons[0].skillEwmaGaussian).toBeCloseTo(0.1, 12);
  expect(table.mean[0].skillEwmaGaussian).toBeCloseTo((0.25 + 0.1) / 2, 12);
  expect(table.mean[0].skillLastValue).toBeCloseTo((0.5 + 0) / 2, 12);
  expect(table.mean[0].count).toBe(5_100);
});

test('coverage is a share of the scored targets', async () => {
  const [mean] = (await tableOf([['a', aScore({})]])).mean;
  expect(mean.coverage).toEqual([0.5, 0.8, 0.96]);
});

test('a baseline without loss gives no skill, and does not count in the mean', async () => {
  const table = await tableOf([
    ['still', aScore({ crps: 0, crpsEwmaGaussian: 0 })],
    ['moving', aScore({ crps: 1, crpsEwmaGaussian: 2 })],
  ]);
  expect(table.symbols[1].horizons[0].skillEwmaGaussian).toBeNull();
  expect(table.mean[0].skillEwmaGaussian).toBe(0.5);
});

test('horizons come in rising order, a log without scores gives an empty table', async () => {
  const table = await tableOf([
    ['a', aScore({ horizonTicks: 100 })],
    ['a', aScore({ horizonTicks: 1 })],
  ]);
  expect(table.mean.map(({ horizonTicks }) => horizonTicks)).toEqual([1, 100]);
  expect(await tableOf([])).toEqual({ symbols: [], mean: [] });
});
