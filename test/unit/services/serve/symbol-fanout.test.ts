import { describe, expect, test } from 'vitest';
import type { PlacedEntry } from '#services/serve/forecast-rings.ts';
import type { Receiver } from '#services/serve/receiver.ts';
import { SymbolFanout } from '#services/serve/symbol-fanout.ts';
import { symbolFilter } from '#services/serve/symbol-filter.ts';
import { decodeFromServer } from '#shared/wire/codec.ts';
import type { UpdateMessage } from '#shared/wire/message.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

const ALL = { filter: symbolFilter(['*']), maxRateHz: null };

describe('forecasts to many clients', () => {
  test('clients with the same wish get the very same text', () => {
    const { fanout, a, b } = two();
    fanout.join(a, ALL, 0);
    fanout.join(b, { filter: symbolFilter(['*']), maxRateHz: null }, 0);
    fanout.take([entry(0)], 1);
    fanout.flush(50);
    expect(a.frames).toHaveLength(1);
    expect(b.frames[0]).toBe(a.frames[0]);
  });

  test('a frame says which stretch it covers, and frames join up', () => {
    const { fanout, a } = two();
    fanout.join(a, ALL, 0);
    fanout.take([entry(0), entry(1)], 1);
    fanout.flush(50);
    fanout.take([entry(2)], 60);
    fanout.flush(100);
    expect(a.updates().map((update) => update.covers)).toEqual([
      { 0: { after: '-1', upTo: '1' } },
      { 0: { after: '1', upTo: '2' } },
    ]);
  });

  test('a client that joins gets nothing that was taken before', () => {
    const { fanout, a, b } = two();
    fanout.join(a, ALL, 0);
    fanout.take([entry(0)], 1);
    fanout.join(b, ALL, 2);
    fanout.take([entry(1)], 3);
    fanout.flush(50);
    expect(origins(a)).toEqual([0, 1]);
    expect(origins(b)).toEqual([1]);
  });

  test('a symbol that nobody asked for makes no frame, but the position is told within a second', () => {
    const { fanout, a } = two();
    fanout.join(a, { filter: symbolFilter(['venue:b']), maxRateHz: null }, 0);
    fanout.take([entry(0), entry(1)], 1);
    fanout.flush(50);
    expect(a.frames).toEqual([]);
    fanout.flush(1_000);
    expect(a.updates()).toMatchObject([{ covers: { 0: { upTo: '1' } }, forecasts: [] }]);
  });

  test('with a rate the newest of each symbol is sent, with the count of those it stands for', () => {
    const { fanout, a } = two();
    fanout.join(a, { ...ALL, maxRateHz: 2 }, 0);
    for (let k = 0; k < 7; k += 1) fanout.take([entry(k)], k);
    fanout.flush(100);
    expect(a.frames).toEqual([]);
    fanout.flush(500);
    expect(a.updates()[0].forecasts).toMatchObject([{ origin: 6, merged: 6 }]);
    expect(a.updates()[0].covers).toEqual({ 0: { after: '-1', upTo: '6' } });
  });

  test('a client with a rate that is behind gets one frame when it has caught up, and nothing is uncounted', () => {
    const { fanout, a, b } = two();
    const wish = { ...ALL, maxRateHz: 1_000 };
    fanout.join(a, wish, 0);
    fanout.join(b, wish, 0);
    a.behind = true;
    for (let k = 0; k < 5; k += 1) {
      fanout.take([entry(k)], k);
      fanout.flush(k * 50 + 50);
    }
    expect(origins(b)).toEqual([0, 1, 2, 3, 4]);
    expect(a.frames).toEqual([]);
    a.behind = false;
    fanout.flush(1_000);
    expect(a.updates()).toMatchObject([
      { covers: { 0: { after: '-1', upTo: '4' } }, forecasts: [{ origin: 4, merged: 4 }] },
    ]);
  });

  test('a gap in the log shows in the covers, so that clients notice it', () => {
    const { fanout, a } = two();
    fanout.join(a, ALL, 0);
    fanout.take([entry(0)], 1);
    fanout.flush(50);
    fanout.take([entry(9)], 60);
    fanout.flush(100);
    expect(a.updates()[1].covers).toEqual({ 0: { after: '8', upTo: '9' } });
  });

  test('no frame holds more than 256 forecasts, however many came at once', () => {
    const { fanout, a } = two();
    fanout.join(a, ALL, 0);
    fanout.take(
      Array.from({ length: 1_000 }, (_, k) => entry(k)),
      1,
    );
    fanout.flush(50);
    expect(Math.max(...a.updates().map((update) => update.forecasts.length))).toBe(256);
    expect(origins(a)).toEqual(Array.from({ length: 1_000 }, (_, k) => k));
  });

  test('a client that left gets nothing', () => {
    const { fanout, a } = two();
    fanout.join(a, ALL, 0);
    fanout.leave(a);
    fanout.take([entry(0)], 1);
    fanout.flush(50);
    expect(a.frames).toEqual([]);
  });
});

class Client implements Receiver {
  readonly frames: string[] = [];
  behind = false;

  send(frame: string): void {
    this.frames.push(frame);
  }

  isBehind(): boolean {
    return this.behind;
  }

  updates(): UpdateMessage[] {
    return this.frames.map((frame) => decodeFromServer(frame) as UpdateMessage);
  }
}

function two() {
  return { fanout: new SymbolFanout(() => [0.25, 0.5, 0.75]), a: new Client(), b: new Client() };
}

function origins(client: Client): number[] {
  return client.updates().flatMap(({ forecasts }) => forecasts.map((one) => one.origin));
}

function entry(k: number): PlacedEntry {
  const place = { partition: 0, src: BigInt(k), prev: BigInt(k - 1) };
  return { ...place, forecasts: [{ ...place, forecast: aForecast({ origin: k }), text: null }] };
}
