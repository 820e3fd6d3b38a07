import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import * as messagePack from '@msgpack/msgpack';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { ForecastClient, type ForecastClientOptions } from '#shared/client/forecast-client.ts';
import type { SentUpdate, SnapshotMessage, WireDelta, WireForecast } from '#shared/wire/message.ts';
import type { Request, WirePosition } from '#shared/wire/request.ts';
import { aGateway } from '#test/builders/a-gateway.ts';
import { aWireForecast, WIRE_LEVELS } from '#test/builders/a-wire-forecast.ts';
import { Heard } from '#test/builders/heard.ts';

const STEPS = 12;

describe('a client that asks for deltas', () => {
  test.each<[string, Partial<ForecastClientOptions>]>([
    ['as JSON', {}],
    ['as MessagePack', { messagePack }],
    ['deflated', { deflate: true }],
  ])('%s hears the same forecasts, over a restart of the server too', async (_how, over) => {
    const { log, market, server, streamUrl } = await aGateway({ steps: 20 });
    const plain = connect(streamUrl);
    const deltas = connect(streamUrl, { delta: true, ...over });
    const hear = async (count: number): Promise<void> => {
      for (const { forecasts } of [plain, deltas]) {
        await forecasts.until((all) => all.length >= count, `${count} forecasts`);
      }
    };
    const step = async (from: number): Promise<void> => {
      for (let k = 1; k <= STEPS; k += 1) {
        await market.step(1);
        await hear(from + 3 * k);
      }
    };
    await hear(3);
    await step(3);
    await server.stop();
    await market.step(STEPS);
    await aGateway({ log, config: { port: server.port } });
    await hear(3 + 6 * STEPS);
    await step(3 + 6 * STEPS);
    expect(deltas.forecasts.all).toEqual(plain.forecasts.all);
    expect(deltas.forecasts.all).toHaveLength(3 + 9 * STEPS);
    expect(deltas.received.all.filter(hasFrom).length).toBeGreaterThan(STEPS);
    expect(plain.received.all.filter(hasFrom)).toEqual([]);
  });

  test('which says of another base than it holds asks for what follows on its position, and goes on', async () => {
    const server = await aScriptedServer();
    const { forecasts } = connect(server.url, { delta: true });
    const first = await server.subscribed(0);
    expect(first).toMatchObject({ delta: true });
    expect(first.position).toBeUndefined();
    server.send(aSnapshot(aWireForecast(4)));
    server.send(anUpdate(4, 5, aDelta(4, 5)));
    await forecasts.until((all) => all.length === 2, 'a delta to the snapshot');
    // Its cover joins up, but its base does not.
    server.send(anUpdate(5, 7, aDelta(6, 7)));
    // Not to be taken: it follows on what the client does not hold any more.
    server.send(anUpdate(7, 8, aDelta(7, 8)));
    const second = await server.subscribed(1);
    expect(second).toMatchObject({ delta: true, position: { run: 'r', src: { 0: '5' } } });
    server.send(anUpdate(5, 8, aWireForecast(6), aWireForecast(7), aWireForecast(8)));
    server.send(anUpdate(8, 9, aDelta(8, 9)));
    await forecasts.until((all) => all.at(-1)?.origin === 9, 'what came after');
    expect(forecasts.all.map(({ origin }) => origin)).toEqual([4, 5, 6, 7, 8, 9]);
    expect(forecasts.all.at(-1)?.horizons).toEqual(aWireForecast(8).horizons);
  });

  test('holds nothing of the connection before', async () => {
    const server = await aScriptedServer();
    const { forecasts } = connect(server.url, { delta: true });
    await server.subscribed(0);
    server.send(aSnapshot(aWireForecast(4)));
    await forecasts.until((all) => all.length === 1, 'the snapshot');
    server.cut();
    expect((await server.subscribed(1)).position).toEqual({ run: 'r', src: { 0: '4' } });
    server.send(anUpdate(4, 5, aDelta(4, 5)));
    expect((await server.subscribed(2)).position).toEqual({ run: 'r', src: { 0: '4' } });
  });
});

/** `received` as it came, `forecasts` as listeners hear of them. */
function connect(url: string, over: Partial<ForecastClientOptions> = {}) {
  const forecasts = new Heard<WireForecast>();
  const received = new Heard<string>();
  const push = (all: readonly WireForecast[]): void => {
    for (const one of all) forecasts.push({ ...one, issuedMs: 0, score: null });
  };
  class Ear extends WebSocket {
    constructor(address: string, subprotocols?: string[]) {
      super(address, subprotocols);
      this.addEventListener('message', ({ data }) => {
        received.push(
          typeof data === 'string' ? data : Buffer.from(data as ArrayBuffer).toString('latin1'),
        );
      });
    }
  }
  const client = new ForecastClient(
    {
      url,
      symbols: ['*'],
      reconnectBaseMs: 50,
      webSocket: Ear,
      ...over,
    },
    {
      onSnapshot: (message) => push(message.forecasts),
      onForecasts: (message) => push(message.forecasts),
    },
  );
  onTestFinished(() => client.close());
  return { client, forecasts, received };
}

function hasFrom(text: string): boolean {
  return text.includes('decimals');
}

/** Answers each subscribe, and says what it is told to. */
async function aScriptedServer() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => server.close());
  await once(server, 'listening');
  const asked = new Heard<{ readonly delta?: boolean; readonly position?: WirePosition }>();
  server.on('connection', (socket) => {
    const limits = {};
    const rest = { protocolVersion: 1, heartbeatMs: 60_000, flushMs: 10, limits, symbols: [] };
    socket.send(JSON.stringify({ type: 'welcome', run: 'r', ...rest }));
    socket.on('message', (text) => {
      const request = JSON.parse(String(text)) as Request;
      if (request.method !== 'subscribe') return;
      const { position = { run: 'r', src: {} } } = request.params;
      const result = { recovered: request.params.position !== undefined, position, unseen: [] };
      socket.send(JSON.stringify({ id: request.id, result }));
      asked.push(request.params as (typeof asked.all)[number]);
    });
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    subscribed: async (nth: number) => {
      await asked.until((all) => all.length > nth, `subscribe ${nth}`);
      return asked.all[nth];
    },
    send: (message: object) => {
      for (const socket of server.clients) socket.send(JSON.stringify(message));
    },
    cut: () => {
      for (const socket of server.clients) socket.terminate();
    },
  };
}

function aSnapshot(...forecasts: WireForecast[]): SnapshotMessage {
  const position = { run: 'r', src: { 0: `${forecasts.at(-1)?.origin}` } };
  return { type: 'snapshot', sentMs: 0, position, levels: WIRE_LEVELS, forecasts, history: [] };
}

function anUpdate(
  after: number,
  upTo: number,
  ...forecasts: (WireForecast | WireDelta)[]
): SentUpdate {
  const covers = { 0: { after: `${after}`, upTo: `${upTo}` } };
  return { type: 'update', sentMs: 0, levels: WIRE_LEVELS, covers, forecasts };
}

/** Nothing has changed but the time. */
function aDelta(from: number, origin: number): WireDelta {
  const { symbol, eventTimeNs, issuedMs, position, originValue, merged } = aWireForecast(origin);
  const always = { symbol, eventTimeNs, issuedMs, position, originValue, merged };
  return { ...always, from, origin, decimals: 7, changes: 'A'.repeat(16) };
}
