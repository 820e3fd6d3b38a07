import type { Forecast, ForecastEntry, ForecastPack } from '#shared/forecast/forecast.ts';
import { decodeForecastPack } from '#shared/forecast/forecast-record.ts';
import type { EventLog } from '#shared/log/event-log.ts';
import { ReplayFailedError } from './replay-error.ts';

/**
 * All forecasts of a log, merged over its partitions by event time, symbol and origin, in groups of equal event time. Repeated
 * entries are dropped by `src`; a missing one (its follower names another `prev`) ends the reading.
 *
 * The order is independent of the number of partitions where each partition's event times never decrease, as they do not on a
 * tape in arrival order.
 *
 * @throws ReplayFailedError `REPLAY_FAILED`
 */
export async function* mergedForecasts(log: EventLog): AsyncGenerator<readonly Forecast[]> {
  const heads = await Promise.all(
    Array.from({ length: log.partitionCount }, async (_, partition) => {
      const groups = groupsByTime(entriesOf(log, partition));
      return { groups, head: await groups.next() };
    }),
  );
  for (;;) {
    const waiting = heads.flatMap(({ head }) => (head.done ? [] : [head.value[0].eventTimeNs]));
    if (waiting.length === 0) return;
    const [earliest] = waiting.sort((a, b) => (a < b ? -1 : 1));
    const together: Forecast[] = [];
    for (const one of heads) {
      if (one.head.done || one.head.value[0].eventTimeNs !== earliest) continue;
      together.push(...one.head.value);
      one.head = await one.groups.next();
    }
    yield together.sort(bySymbolAndOrigin);
  }
}

/** The entries of one partition, once each, in `src` order. @throws ReplayFailedError `REPLAY_FAILED` where one is missing */
export async function* entriesOf(
  log: EventLog,
  partition: number,
): AsyncGenerator<ForecastEntry, void, undefined> {
  const { start, end } = await log.bounds('forecasts', partition);
  let last = -1n;
  for await (const records of log.read('forecasts', partition, start, end)) {
    for (const { value } of records) {
      for (const entry of unseen(decodeForecastPack(value), last)) {
        if (entry.prev !== last) {
          throw new ReplayFailedError(
            `the forecasts of partition ${partition} must go on from src ${last}, src ${entry.src} went on from ${entry.prev}`,
            { partition, src: `${entry.src}`, prev: `${entry.prev}`, last: `${last}` },
          );
        }
        last = entry.src;
        yield entry;
      }
    }
  }
}

function unseen(pack: ForecastPack, last: bigint): readonly ForecastEntry[] {
  return pack.entries.filter((entry) => entry.src > last);
}

async function* groupsByTime(
  entries: AsyncIterable<ForecastEntry>,
): AsyncGenerator<readonly Forecast[], void, undefined> {
  let group: Forecast[] = [];
  for await (const { forecasts } of entries) {
    for (const forecast of forecasts) {
      if (group.length > 0 && group[0].eventTimeNs !== forecast.eventTimeNs) {
        yield group;
        group = [];
      }
      group.push(forecast);
    }
  }
  if (group.length > 0) yield group;
}

function bySymbolAndOrigin(a: Forecast, b: Forecast): number {
  if (a.symbol !== b.symbol) return a.symbol < b.symbol ? -1 : 1;
  return a.origin - b.origin;
}
