import { expect, test } from 'vitest';
import { loadFeed } from '#services/serve/feed-from-log.ts';
import { LiveFeed } from '#services/serve/live-feed.ts';
import { encodeForecastPack } from '#shared/forecast/forecast-record.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { aForecast } from '#test/builders/a-forecast.ts';
import { aWatchedLog } from '#test/builders/a-watched-log.ts';

const RING_ENTRIES = 16;
const LEVELS = [0.25, 0.5, 0.75];

test('a late copy where the newest forecasts begin is not taken for a gap', async () => {
  const { feed } = await loaded([...upTo(30), 3n, 4n, ...upTo(44).slice(30)]);
  expect(feed.rings.gapCount).toBe(0);
  expect(feed.rings.position().src).toEqual({ 0: '44' });
});

test('what was read back has no time of issue, and counts in no rate', async () => {
  const { feed } = await loaded(upTo(30));
  expect(feed.rings.latest('venue:a')).toMatchObject({ src: 30n, issuedMs: null });
  expect(feed.health.facts.message(feed.rings, 0, 1_000).forecastsPerSecond).toBe(0);
});

test('a forecast that stands nowhere in the log is a gap', async () => {
  const { feed } = await loaded([...upTo(30), ...upTo(45).slice(31)]);
  expect(feed.rings.gapCount).toBe(1);
});

test('no more is read for a gap than could be a late copy', async () => {
  const { feed, recordsRead } = await loaded([...upTo(5_000), ...upTo(5_015).slice(5_001)]);
  expect(feed.rings.gapCount).toBe(1);
  expect(recordsRead).toBeLessThan(3_000);
});

interface Loaded {
  readonly feed: LiveFeed;
  /** Of `forecasts`. */
  readonly recordsRead: number;
}

/** A feed of a log with one record for each `src`, every one after the `src` below it. */
async function loaded(srcs: readonly bigint[]): Promise<Loaded> {
  const log = openMemoryLog({ partitionCount: 1 });
  const forecasts = [aForecast({ symbol: 'venue:a' })];
  const values = srcs.map((src) =>
    encodeForecastPack({ levels: LEVELS, entries: [{ src, prev: src - 1n, forecasts }] }),
  );
  await log.append('forecasts', 0, values);
  let recordsRead = 0;
  const watched: EventLog = {
    ...aWatchedLog(log, async () => {}),
    read: async function* (topic, partition, from, to) {
      for await (const records of log.read(topic, partition, from, to)) {
        recordsRead += records.length;
        yield records;
      }
    },
  };
  const feed = new LiveFeed({ run: log.run, partitionCount: 1, ringEntries: RING_ENTRIES });
  const over = { ringEntries: RING_ENTRIES, nowMs: () => 0, onForecasts: () => {} };
  await loadFeed({ log: watched, feed, ...over });
  return { feed, recordsRead };
}

function upTo(last: number): bigint[] {
  return Array.from({ length: last }, (_, k) => BigInt(k + 1));
}
