import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ColumnLayout } from '#services/replay/files/forecast-columns.ts';
import { endingOf, openForecastFile } from '#services/replay/files/forecast-file.ts';
import type { Forecast } from '#shared/forecast/forecast.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foretick-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

const wide: ColumnLayout = {
  shape: 'wide',
  columns: 'point,quantiles',
  horizons: [1, 10],
  levels: [0.25, 0.5, 0.75],
};

async function written(
  name: string,
  layout: ColumnLayout,
  forecasts: readonly Forecast[],
): Promise<string> {
  const path = join(folder, name);
  const file = await openForecastFile(path, layout);
  await file.write(forecasts);
  await file.finish();
  return path;
}

async function parquetRows(path: string): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: await asyncBufferFromFile(path) });
}

const exact = (offset: number) => 100 * Math.exp(offset / 1e4);

test('a wide parquet file reads back with its columns in order, raw prices and exact nanoseconds', async () => {
  const late = aForecast({ origin: 1, eventTimeNs: 1_723_075_200_000_000_123n, isWarming: true });
  const path = await written('wide.parquet', wide, [aForecast(), late]);
  const rows = await parquetRows(path);
  expect(Object.keys(rows[0])).toEqual([
    ...['symbol', 'origin', 'event_time_ns', 'origin_value', 'model_id', 'warming'],
    ...['h1_point', 'h1_q0.25', 'h1_q0.5', 'h1_q0.75'],
    ...['h10_point', 'h10_q0.25', 'h10_q0.5', 'h10_q0.75'],
  ]);
  expect(rows).toHaveLength(2);
  expect(rows[1]).toMatchObject({
    symbol: 'venue:a',
    origin: 1,
    event_time_ns: 1_723_075_200_000_000_123n,
    origin_value: 100,
    model_id: 'ab'.repeat(32),
    warming: true,
  });
  expect(rows[0]['h1_point']).toBeCloseTo(exact(0.5), 10);
  expect(rows[0]['h10_q0.25']).toBeCloseTo(exact(-10), 10);
  expect(rows[0]['h10_q0.75']).toBeCloseTo(exact(10), 10);
});

test('a value is the origin plus the offset, whatever its sign', async () => {
  const forecast = aForecast({ measure: 'value', originValue: -3 });
  const [row] = await parquetRows(await written('value.parquet', wide, [forecast]));
  expect(row).toMatchObject({ origin_value: -3, h1_point: -2.5, 'h10_q0.25': -13 });
});

test('the long shape has a row per horizon', async () => {
  const layout = { ...wide, shape: 'long' } as const;
  const rows = await parquetRows(await written('long.parquet', layout, [aForecast()]));
  expect(rows.map((row) => row['horizon'])).toEqual([1, 10]);
  expect(Object.keys(rows[0]).slice(6)).toEqual(['horizon', 'point', 'q0.25', 'q0.5', 'q0.75']);
  expect(rows[1]['q0.75']).toBeCloseTo(exact(10), 10);
});

test('columns "point" leaves the quantiles out', async () => {
  const layout = { ...wide, columns: 'point' } as const;
  const [row] = await parquetRows(await written('point.parquet', layout, [aForecast()]));
  expect(Object.keys(row).slice(6)).toEqual(['h1_point', 'h10_point']);
});

test('csv, csv.gz and ndjson say the same as parquet, digit for digit', async () => {
  const forecasts = [aForecast(), aForecast({ symbol: 'venue:b', origin: 7, originValue: 0.1 })];
  const [parquet, csv, packed, ndjson] = await Promise.all(
    ['same.parquet', 'same.csv', 'same.csv.gz', 'same.ndjson'].map((name) =>
      written(name, wide, forecasts),
    ),
  );
  const truth = await parquetRows(parquet);
  const text = await readFile(csv, 'utf8');
  expect(gunzipSync(await readFile(packed)).toString()).toBe(text);
  const [header, ...lines] = text.trimEnd().split('\n');
  expect(header.split(',')).toEqual(Object.keys(truth[0]));
  expect(lines.map((line) => line.split(','))).toEqual(
    truth.map((row) => Object.values(row).map(String)),
  );
  const objects = (await readFile(ndjson, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(objects.map((object) => object['h10_q0.25'])).toEqual(
    truth.map((row) => row['h10_q0.25']),
  );
});

test('more rows than a row group holds make several, all of which read back', async () => {
  const layout = { ...wide, columns: 'point' } as const;
  const many = Array.from({ length: 120_001 }, (_, origin) => aForecast({ origin }));
  const path = await written('many.parquet', layout, many);
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(path));
  expect(metadata.row_groups.map((group) => Number(group.num_rows))).toEqual([
    50_000, 50_000, 20_001,
  ]);
  const rows = await parquetReadObjects({
    file: await asyncBufferFromFile(path),
    columns: ['origin'],
  });
  expect(rows.every((row, k) => row['origin'] === k)).toBe(true);
});

test('no forecasts make a whole file with columns and no rows', async () => {
  expect(await parquetRows(await written('none.parquet', wide, []))).toEqual([]);
  expect((await readFile(await written('none.csv', wide, []), 'utf8')).split('\n')).toHaveLength(2);
});

test('the file has its name only when it is whole', async () => {
  const path = join(folder, 'later.csv');
  const file = await openForecastFile(path, wide);
  await file.write([aForecast()]);
  await expect(access(path)).rejects.toThrow('ENOENT');
  await file.discard();
  await expect(access(`${path}.partial`)).rejects.toThrow('ENOENT');
});

test('an ending we do not write is refused with those we do', () => {
  expect(() => endingOf('out.xlsx')).toThrow(
    'a forecast file ends in .csv, .csv.gz, .ndjson, .parquet, was out.xlsx',
  );
});
