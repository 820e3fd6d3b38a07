import { expect, test } from 'vitest';
import { outputsOf } from '#services/predict/fold-outputs.ts';
import { emptyOutput } from '#shared/forecast/fold-output.ts';
import { decodeForecastPack } from '#shared/forecast/forecast-record.ts';
import { aFold } from '#test/builders/a-fold.ts';
import { someSettings } from '#test/builders/a-model.ts';
import { aTape, recordsOf } from '#test/builders/a-tape.ts';

const MIB = 1024 * 1024;
const { levels } = someSettings();

test('nothing folded is nothing to append', () => {
  expect(outputsOf(0, emptyOutput(), levels)).toEqual([]);
});

test('forecasts of many megabytes go into several appends, in order, none left out', () => {
  const [{ forecasts }] = aFold().fold(recordsOf(aTape({ tickCount: 1 }))).out.entries;
  const many = Array.from({ length: 200 }, () => forecasts[0]);
  const entries = Array.from({ length: 300 }, (_, k) => ({
    src: BigInt(k),
    prev: BigInt(k - 1),
    forecasts: many,
  }));
  const outputs = outputsOf(2, { ...emptyOutput(), entries }, levels);
  expect(outputs.length).toBeGreaterThan(2);
  for (const { topic, partition, values } of outputs) {
    expect([topic, partition]).toEqual(['forecasts', 2]);
    expect(values.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(4 * MIB);
  }
  const packs = outputs.flatMap(({ values }) => values.map(decodeForecastPack));
  const sources = packs.flatMap((pack) => pack.entries.map(({ src }) => src));
  expect(sources).toEqual(entries.map(({ src }) => src));
});
