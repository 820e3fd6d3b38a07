import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FileSourceOptions, fileSource } from '#services/ingest/sources/file-source.ts';
import type { Measure } from '#shared/market/measure.ts';
import { tickFrom } from '#shared/market/parse-tick.ts';

const DATASETS = process.env['FORETICK_DATASETS'] ?? '../shared/data';

/** Throws at the first row that the door refuses or that is earlier than the one before. */
async function countTicks(
  options: FileSourceOptions,
  measure: Measure,
): Promise<Map<string, number>> {
  const source = fileSource(options);
  await source.open();
  const counts = new Map<string, number>();
  const lastTimes = new Map<string, bigint>();
  for await (const batch of source.rows()) {
    for (const row of batch) {
      const tick = tickFrom(row.raw, row, measure);
      if (tick.eventTimeNs < (lastTimes.get(tick.symbol) ?? 0n)) throw new RangeError(row.where);
      lastTimes.set(tick.symbol, tick.eventTimeNs);
      const key = `${tick.symbol} ${tick.kind}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

function folder(context: { skip(note: string): void }, name: string): string {
  const path = join(DATASETS, name);
  if (!existsSync(path)) context.skip(`no data set at ${path} (FORETICK_DATASETS)`);
  return path;
}

describe('the recorded data sets', () => {
  test('five tick files give 244,872 ticks in order and no reject', async (context) => {
    const input = folder(context, 'ticks');
    const counts = await countTicks({ input, layout: 'ticks', symbolFrom: 'file' }, 'price');
    expect(Object.fromEntries(counts)).toEqual({
      'cm_btcusd_perp_20240808 trade': 2_286,
      'cm_btcusd_perp_20240808 quote': 19_136,
      'spot_btcusdt_20240808 trade': 9_757,
      'spot_btcusdt_20240808 quote': 28_040,
      'spot_ethusdt_20240808 trade': 6_106,
      'spot_ethusdt_20240808 quote': 24_077,
      'usdm_btcusdt_20240808 trade': 21_313,
      'usdm_btcusdt_20240808 quote': 66_089,
      'usdm_ethusdt_20240808 trade': 14_076,
      'usdm_ethusdt_20240808 quote': 53_992,
    });
  });

  test.for([
    ['ett', 'file', 'value', { 'ETTh1 row': 17_420, 'ETTh2 row': 17_420, 'ETTm1 row': 69_680 }],
    ['exchange', 'column', 'price', { 'exchange_rate row': 7_588 }],
  ] as const)(
    'every line of %s is a row',
    async ([name, symbolFrom, measure, expected], context) => {
      const options = { input: folder(context, name), layout: 'wide', symbolFrom } as const;
      expect(Object.fromEntries(await countTicks(options, measure))).toEqual(expected);
    },
  );

  test('14 series of single values are named after their files', async (context) => {
    const counts = new Map<string, number>();
    for (const name of ['nab/realTweets', 'nab/realTraffic']) {
      const input = folder(context, name);
      const options = { input, layout: 'wide', symbolFrom: 'column' } as const;
      for (const [key, count] of await countTicks(options, 'value')) counts.set(key, count);
    }
    expect(counts.size).toBe(14);
    expect(counts.get('Twitter_volume_AAPL row')).toBe(15_902);
  });
});
