import { decode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import { flushPace } from '#services/serve/flush-pace.ts';
import type { PlacedEntry } from '#services/serve/forecast-rings.ts';
import type { Encoding } from '#services/serve/message-encoding.ts';
import type { Receiver } from '#services/serve/receiver.ts';
import { SymbolFanout } from '#services/serve/symbol-fanout.ts';
import { symbolFilter } from '#services/serve/symbol-filter.ts';
import { placedForecast } from '#services/serve/wire-forecast.ts';
import type { WireFrame } from '#services/serve/wire-frame.ts';
import { decodeFromServer } from '#shared/wire/codec.ts';
import type { UpdateMessage } from '#shared/wire/message.ts';
import { aForecast } from '#test/builders/a-forecast.ts';

const ALL = { filter: symbolFilter(['*']), maxRateHz: null };

describe('forecasts to many clients', () => {
  test('clients with the same wish get the very same bytes', () => {
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

  test('a client of MessagePack gets the same update as one of JSON', () => {
    const { fanout, a } = two();
    const packed = new Client('msgpack');
    fanout.join(a, { ...ALL, maxRateHz: 2 }, 0);
    fanout.join(packed, { ...ALL, maxRateHz: 2 }, 0);
    for (let k = 0; k < 300; k += 1) fanout.take([entry(k)], k);
    fanout.flush(500);
    expect(packed.frames[0].kind).toBe('binary');
    expect(packed.updates()).toEqual(a.updates());
    expect(packed.updates()[0].forecasts[0].merged).toBe(299);
  });

  test('a pattern has the symbols that come later, too', () => {
    const { fanout, a, b } = two();
    fanout.join(a, { filter: symbolFilter(['venue:n*', '*z']), maxRateHz: null }, 0);
    fanout.take([entry(0), entry(1, 'venue:new'), entry(2, 'b:zz')], 1);
    fanout.join(b, { filter: symbolFilter(['venue:n*']), maxRateHz: null }, 1);
    fanout.take([entry(3, 'venue:nnn'), entry(4, 'venue:old'), entry(5, 'venue:new')], 2);
    fanout.flush(50);
    expect(origins(a)).toEqual([1, 2, 3, 5]);
    expect(origins(b)).toEqual([3, 5]);
  });

  test('a client whose filter changes misses nothing that was gathered, and repeats nothing', () => {
    const { fanout, a } = two();
    fanout.join(a, ALL, 0);
    fanout.take([entry(0), entry(1, 'venue:b')], 1);
    fanout.refilter(a, symbolFilter(['venue:b']), 2);
    fanout.take([entry(2), entry(3, 'venue:b')], 3);
    fanout.flush(1_000);
    expect(origins(a)).toEqual([0, 1, 3]);
    expect(a.updates().map((update) => update.covers[0])).toEqual([
      { after: '-1', upTo: '1' },
      { after: '1', upTo: '3' },
    ]);
  });

  test('a row of many symbols is never split over two frames', () => {
    const { fanout, a } = two();
    fanout.join(a, ALL, 0);
    for (let k = 0; k < 3; k += 1) {
      const one = entry(k);
      const forecasts = Array.from({ length: 200 }, () => one.forecasts[0]);
      fanout.take([{ ...one, forecasts }], k);
    }
    fanout.flush(50);
    expect(a.updates().map(({ forecasts }) => forecasts.length)).toEqual([400, 200]);
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

describe('groups of clients', () => {
  test('take turns, so that no forecast waits longer than was asked for and no flush serves them all', () => {
    const flushMs = 50;
    const pace = flushPace(flushMs);
    const fanout = new SymbolFanout(() => [0.25, 0.5, 0.75], pace);
    const clients = Array.from({ length: 18 }, () => new Client());
    clients.forEach((client, k) => {
      const filter = symbolFilter([`venue:${k}`, 'venue:all']);
      fanout.join(client, { filter, maxRateHz: null }, 0);
    });
    for (let ms = 1; ms <= 1_000; ms += 1) {
      fanout.take([entry(ms, 'venue:all')], ms);
      const before = clients.map(({ frames }) => frames.length);
      if (ms % pace.stepMs === 0) fanout.flush(ms);
      const told = clients.filter(({ frames }, k) => frames.length > before[k]);
      expect(told.length).toBeLessThanOrEqual(4);
    }
    for (const client of clients) {
      for (const { sentMs, forecasts } of client.updates()) {
        expect(sentMs - forecasts[0].origin).toBeLessThan(flushMs);
      }
      expect(origins(client).slice(0, 900)).toEqual(Array.from({ length: 900 }, (_, k) => k + 1));
      expect(client.frames.length).toBeLessThanOrEqual(24);
    }
  });

  test('that are large are told in parts, each the same bytes, and nobody waits longer for it', () => {
    const flushMs = 40;
    const pace = flushPace(flushMs);
    const fanout = new SymbolFanout(() => [0.25, 0.5, 0.75], pace);
    const clients = Array.from({ length: 1_000 }, () => new Client());
    for (const client of clients) fanout.join(client, ALL, 0);
    for (let ms = 1; ms <= 200; ms += 1) {
      fanout.take([entry(ms)], ms);
      const before = clients.map(({ frames }) => frames.length);
      if (ms % pace.stepMs === 0) fanout.flush(ms);
      const told = clients.filter(({ frames }, k) => frames.length > before[k]);
      expect([0, 500]).toContain(told.length);
      expect(new Set(told.map(({ frames }) => frames.at(-1))).size).toBeLessThanOrEqual(1);
    }
    for (const { sentMs, forecasts } of [clients[0], clients[999]].flatMap((one) => one.updates()))
      expect(sentMs - forecasts[0].origin).toBeLessThan(flushMs);
    expect(origins(clients[999]).slice(0, 150)).toEqual(origins(clients[0]).slice(0, 150));
  });

  test('of which one heard nothing for a while are told of news at the next flush', () => {
    const fanout = new SymbolFanout(() => [0.25, 0.5, 0.75], flushPace(50));
    const client = new Client();
    fanout.join(client, ALL, 0);
    fanout.take([entry(1)], 498);
    fanout.flush(500);
    expect(origins(client)).toEqual([1]);
  });
});

class Client implements Receiver {
  readonly encoding: Encoding;
  readonly frames: WireFrame[] = [];
  behind = false;

  constructor(encoding: Encoding = 'json') {
    this.encoding = encoding;
  }

  send(frame: WireFrame): void {
    this.frames.push(frame);
  }

  isBehind(): boolean {
    return this.behind;
  }

  updates(): UpdateMessage[] {
    return this.frames.map(({ payload, kind }) => {
      const read =
        kind === 'text' ? decodeFromServer(Buffer.from(payload).toString()) : decode(payload);
      return read as UpdateMessage;
    });
  }
}

function two() {
  return { fanout: new SymbolFanout(() => [0.25, 0.5, 0.75]), a: new Client(), b: new Client() };
}

function origins(client: Client): number[] {
  return client.updates().flatMap(({ forecasts }) => forecasts.map((one) => one.origin));
}

function entry(k: number, symbol = 'venue:a'): PlacedEntry {
  const place = { partition: 0, src: BigInt(k), prev: BigInt(k - 1) };
  const forecast = aForecast({ origin: k, symbol });
  return { ...place, forecasts: [placedForecast(forecast, place, null)] };
}
