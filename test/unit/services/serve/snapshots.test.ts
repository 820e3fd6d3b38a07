import { inflateRawSync } from 'node:zlib';
import { decode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import { LiveFeed } from '#services/serve/live-feed.ts';
import { symbolFilter } from '#services/serve/symbol-filter.ts';
import type { WireFrame } from '#services/serve/wire-frame.ts';
import { decodeFromServer } from '#shared/wire/codec.ts';
import type { SnapshotMessage } from '#shared/wire/message.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

const ALL = symbolFilter(['*']);

describe('snapshots', () => {
  test('hold the latest of every wanted symbol and its past', () => {
    const feed = aFeed();
    const { forecasts, history, position } = read(feed.snapshots.frame(ALL, 'json', 5));
    expect(forecasts.map(({ symbol, origin }) => `${symbol} ${origin}`)).toEqual([
      'venue:a 9',
      'venue:b 9',
    ]);
    expect(history.map(({ origins }) => origins.length)).toEqual([10, 10]);
    expect(position).toEqual({ run: 'r', src: { 0: '19' } });
    const some = read(feed.snapshots.frame(symbolFilter(['venue:b', 'venue:z']), 'json', 5));
    expect(some.forecasts.map(({ symbol }) => symbol)).toEqual(['venue:b']);
  });

  test('of nothing yet are whole messages, too', () => {
    const empty = new LiveFeed({ run: 'r', partitionCount: 1, ringEntries: 16 });
    const expected = { type: 'snapshot', forecasts: [], history: [], levels: [] };
    expect(read(empty.snapshots.frame(ALL, 'json', 5))).toMatchObject(expected);
  });

  test('say the same as MessagePack', () => {
    const feed = aFeed();
    const packed = decode(feed.snapshots.frame(ALL, 'msgpack', 5).payload);
    expect(packed).toEqual(read(feed.snapshots.frame(ALL, 'json', 5)));
  });

  test('are made once for all who want the same at the same moment, and anew when there is news or time has passed', () => {
    const feed = aFeed();
    const first = feed.snapshots.frame(ALL, 'json', 5);
    expect(feed.snapshots.frame(symbolFilter(['*']), 'json', 6)).toBe(first);
    expect(feed.snapshots.frame(symbolFilter(['venue:a']), 'json', 6)).not.toBe(first);
    take(feed, 10);
    const second = feed.snapshots.frame(ALL, 'json', 7);
    expect(read(second).forecasts[0].origin).toBe(10);
    feed.flush(8);
    expect(read(feed.snapshots.frame(ALL, 'json', 8)).sentMs).toBe(8);
  });

  test('are deflated for a single client that takes it, whole for others', () => {
    const feed = aFeed();
    const frame = feed.snapshots.frame(ALL, 'json', 5);
    const deflated = frame.bytes(true);
    expect(deflated.length).toBeLessThan(frame.byteLength / 2);
    expect(inflateRawSync(deflated.subarray(4))).toEqual(Buffer.from(frame.payload));
    expect(frame.bytes(false).length).toBe(frame.byteLength);
  });

  test('of many different wishes are not all kept', () => {
    const feed = aFeed();
    const first = feed.snapshots.frame(ALL, 'json', 5);
    for (let k = 0; k < 4; k += 1) feed.snapshots.frame(symbolFilter([`venue:${k}`]), 'json', 5);
    const again = feed.snapshots.frame(ALL, 'json', 5);
    expect(again).not.toBe(first);
    expect(again.payload).toEqual(first.payload);
  });
});

function aFeed(): LiveFeed {
  const feed = new LiveFeed({ run: 'r', partitionCount: 1, ringEntries: 16 });
  for (let k = 0; k < 10; k += 1) take(feed, k);
  return feed;
}

function take(feed: LiveFeed, origin: number): void {
  const entries = ['venue:a', 'venue:b'].map((symbol, k) => {
    const src = BigInt(2 * origin + k);
    return { src, prev: src - 1n, forecasts: [aForecast({ origin, symbol })] };
  });
  feed.takeForecasts(0, { levels: [0.25, 0.5, 0.75], entries }, origin);
}

function read({ payload }: WireFrame): SnapshotMessage {
  return decodeFromServer(Buffer.from(payload).toString()) as SnapshotMessage;
}
