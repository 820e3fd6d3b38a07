import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergedForecasts } from '#services/replay/merged-forecasts.ts';
import type { Forecast, ForecastEntry } from '#shared/forecast/forecast.ts';
import { encodeForecastPack } from '#shared/forecast/forecast-record.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

const levels = [0.25, 0.5, 0.75];

function entry(src: bigint, prev: bigint, ...forecasts: Forecast[]): ForecastEntry {
  return { src, prev, forecasts };
}

async function logOf(...partitions: (readonly ForecastEntry[])[][]): Promise<EventLog> {
  const log = openMemoryLog({ partitionCount: partitions.length });
  for (const [partition, packs] of partitions.entries()) {
    for (const entries of packs) {
      await log.append('forecasts', partition, [encodeForecastPack({ levels, entries })]);
    }
  }
  return log;
}

async function merged(log: EventLog): Promise<string[]> {
  const names: string[] = [];
  for await (const group of mergedForecasts(log)) {
    for (const { symbol, origin } of group) names.push(`${symbol}${origin}`);
  }
  return names;
}

const at = (symbol: string, origin: number, eventTimeNs: bigint) =>
  aForecast({ symbol, origin, eventTimeNs });

test('forecasts come by event time, then symbol, then origin, whatever partition they are in', async () => {
  const log = await logOf(
    [
      [entry(1n, -1n, at('c', 0, 5n)), entry(2n, 1n, at('b', 0, 5n))],
      [entry(4n, 2n, at('b', 1, 9n))],
    ],
    [[entry(0n, -1n, at('a', 0, 5n)), entry(3n, 0n, at('a', 1, 5n), at('d', 0, 5n))]],
  );
  expect(await merged(log)).toEqual(['a0', 'a1', 'b0', 'c0', 'd0', 'b1']);
});

test('an entry that was appended twice comes once, even where the packs were cut elsewhere', async () => {
  const [one, two, three] = [
    entry(1n, -1n, at('a', 0, 1n)),
    entry(2n, 1n, at('a', 1, 2n)),
    entry(3n, 2n, at('a', 2, 3n)),
  ];
  expect(await merged(await logOf([[one, two], [two], [two, three]]))).toEqual(['a0', 'a1', 'a2']);
});

test('a missing entry ends the reading', async () => {
  const log = await logOf([[entry(1n, -1n, at('a', 0, 1n)), entry(3n, 2n, at('a', 2, 3n))]]);
  await expect(merged(log)).rejects.toThrow(
    'the forecasts of partition 0 must go on from src 1, src 3 went on from 2',
  );
});

test('a log without forecasts merges to nothing', async () => {
  expect(await merged(await logOf([], []))).toEqual([]);
});

test('the order is the same for any split over partitions', async () => {
  const tick = fc.record({ symbol: fc.constantFrom('a', 'b', 'c', 'd'), gap: fc.nat(2) });
  await fc.assert(
    fc.asyncProperty(fc.array(tick, { maxLength: 40 }), async (ticks) => {
      const orders = await Promise.all(
        [1, 2, 4].map(async (count) => merged(await split(ticks, count))),
      );
      expect(orders[1]).toEqual(orders[0]);
      expect(orders[2]).toEqual(orders[0]);
    }),
    { numRuns: 50 },
  );
});

/** Each symbol in its partition, as a run with that many partitions would have it. */
function split(
  ticks: readonly { symbol: string; gap: number }[],
  count: number,
): Promise<EventLog> {
  const partitions = Array.from({ length: count }, () => [] as ForecastEntry[]);
  const origins = new Map<string, number>();
  let timeNs = 0n;
  for (const { symbol, gap } of ticks) {
    timeNs += BigInt(gap);
    const origin = origins.get(symbol) ?? 0;
    origins.set(symbol, origin + 1);
    const entries = partitions[symbol.charCodeAt(0) % count];
    const src = BigInt(entries.length);
    entries.push(entry(src, src - 1n, at(symbol, origin, timeNs)));
  }
  return logOf(...partitions.map((entries) => (entries.length === 0 ? [] : [entries])));
}
