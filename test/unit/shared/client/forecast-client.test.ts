import * as messagePack from '@msgpack/msgpack';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ForecastClient, type ForecastClientOptions } from '#shared/client/forecast-client.ts';
import type { ConnectionState } from '#shared/client/listener.ts';
import { virtualClock } from '#shared/runtime/virtual-clock.ts';
import type { ServerMessage, WireForecast } from '#shared/wire/message.ts';
import type { WirePosition } from '#shared/wire/request.ts';
import { aGateway } from '#test/builders/a-gateway.ts';
import { eventually } from '#test/builders/eventually.ts';
import { Heard } from '#test/builders/heard.ts';
import { aToken, TOKEN_SECRET } from '#test/builders/tokens.ts';

describe('a client of a running gateway', () => {
  test('gets the past as a snapshot, then every forecast once and in order', async () => {
    const { log, market, streamUrl } = await aGateway({ steps: 20 });
    const { forecasts, snapshots } = connect(streamUrl);
    await snapshots.until((all) => all.length === 1, 'a snapshot');
    expect(snapshots.all[0].forecasts.map((one) => one.origin)).toEqual([19, 19, 19]);
    expect(snapshots.all[0].history[0].origins).toEqual(Array.from({ length: 20 }, (_, k) => k));
    await market.step(300);
    await forecasts.until((all) => all.length >= 900, 'all forecasts');
    for (const symbol of ['sim:ALPHA', 'sim:BETA', 'sim:DELTA']) {
      expect(originsOf(forecasts.all, symbol)).toEqual(
        Array.from({ length: 300 }, (_, k) => k + 20),
      );
    }
    expect(log.partitionCount).toBe(2);
  });

  test('quantiles are in the units of the price and never cross', async () => {
    const { streamUrl } = await aGateway({ steps: 20 });
    const { snapshots } = connect(streamUrl);
    await snapshots.until((all) => all.length === 1, 'a snapshot');
    const [snapshot] = snapshots.all;
    expect(snapshot.levels).toHaveLength(21);
    for (const { originValue, horizons } of snapshot.forecasts) {
      for (const { quantiles } of horizons) {
        expect(quantiles).toHaveLength(21);
        expect([...quantiles].sort((a, b) => a - b)).toEqual(quantiles);
        expect(quantiles[0] / originValue).toBeGreaterThan(0.9);
        expect(quantiles[20] / originValue).toBeLessThan(1.1);
      }
    }
  });

  test('that was cut off resumes without gap or repeat, at another server of the same log', async () => {
    const { log, market, server, url, streamUrl } = await aGateway({ steps: 20 });
    const { client, forecasts, snapshots, states } = connect(streamUrl);
    await snapshots.until((all) => all.length === 1, 'a snapshot');
    await market.step(10);
    await forecasts.until((all) => all.length >= 30, 'the first forecasts');
    await server.stop();
    await states.until((all) => all.at(-1)?.kind === 'reconnecting', 'the loss of the server');
    await market.step(40);
    const again = await aGateway({ log, config: { port: server.port } });
    expect(again.url).toBe(url);
    await forecasts.until((all) => all.length >= 150, 'what was missed');
    await market.step(5);
    await forecasts.until((all) => all.length >= 165, 'what came later');
    expect(originsOf(forecasts.all, 'sim:BETA')).toEqual(
      Array.from({ length: 55 }, (_, k) => k + 20),
    );
    expect(forecasts.all).toHaveLength(165);
    expect(snapshots.all).toHaveLength(1);
    await client.close();
  });

  test('with a position that is older than what is kept gets a snapshot instead', async () => {
    const { streamUrl, log, market } = await aGateway({ steps: 20, config: { ringEntries: 16 } });
    await market.step(50);
    const position = { run: log.run, src: { 0: '0', 1: '0' } };
    const { forecasts, snapshots } = connect(streamUrl, { position });
    await snapshots.until((all) => all.length === 1, 'a snapshot');
    expect(forecasts.all).toEqual([]);
  });

  test('discards its position when the run is another', async () => {
    const { streamUrl } = await aGateway({ steps: 20 });
    const position = { run: 'another', src: { 0: '1', 1: '1' } };
    const { client, snapshots } = connect(streamUrl, { position });
    await snapshots.until((all) => all.length === 1, 'a snapshot');
    await Promise.resolve();
    expect(client.position?.run).not.toBe('another');
  });

  test('that asks for a rate gets the newest of each symbol and the count of those left out', async () => {
    const { market, streamUrl } = await aGateway({ steps: 20 });
    const { forecasts, snapshots } = connect(streamUrl, { maxRateHz: 5 });
    await snapshots.until((all) => all.length === 1, 'a snapshot');
    await market.step(200);
    const newest = (all: readonly WireForecast[]) => all.filter((one) => one.origin === 219);
    await forecasts.until((all) => newest(all).length === 3, 'the newest of each symbol');
    const ofBeta = forecasts.all.filter((one) => one.symbol === 'sim:BETA');
    expect(ofBeta.length).toBeLessThan(100);
    expect(ofBeta.reduce((sum, one) => sum + one.merged + 1, 0)).toBe(200);
  });

  test('that names one symbol hears of no other, and its position still moves on', async () => {
    const { market, streamUrl } = await aGateway({ steps: 20 });
    const { client, forecasts, snapshots } = connect(streamUrl, { symbols: ['sim:BETA'] });
    await snapshots.until((all) => all.length === 1, 'a snapshot');
    expect(snapshots.all[0].forecasts.map((one) => one.symbol)).toEqual(['sim:BETA']);
    await market.step(30);
    await forecasts.until((all) => all.length >= 30, 'its forecasts');
    expect(new Set(forecasts.all.map((one) => one.symbol))).toEqual(new Set(['sim:BETA']));
    // Partition 0 holds only sim:DELTA, of which this client hears nothing.
    expect(snapshots.all[0].position.src['0']).toBe('19');
    await eventually(() => expect(client.position?.src['0']).toBe('49'));
  });

  test('changes what it hears of on the connection that stands, each channel by itself', async () => {
    const { market, streamUrl } = await aGateway({ steps: 20 });
    const first = { symbols: ['sim:BETA'], channels: ['forecasts', 'ticks'] } as const;
    const { client, forecasts, snapshots, states, others } = connect(streamUrl, first);
    await snapshots.until((all) => all.length === 1, 'a snapshot');
    await market.step(5);
    await forecasts.until((all) => all.length === 5, 'the first forecasts');
    client.subscribe({ channels: ['forecasts'], symbols: ['sim:ALPHA', 'sim:DELTA'] });
    await snapshots.until((all) => all.length === 2, 'another snapshot');
    expect(snapshots.all[1].forecasts.map(({ symbol, origin }) => [symbol, origin])).toEqual([
      ['sim:ALPHA', 24],
      ['sim:DELTA', 24],
    ]);
    await market.step(5);
    await forecasts.until((all) => all.length >= 15, 'forecasts of the others');
    expect(originsOf(forecasts.all, 'sim:ALPHA')).toEqual([25, 26, 27, 28, 29]);
    expect(originsOf(forecasts.all, 'sim:BETA')).toHaveLength(5);
    const heard = others.all.flatMap((one) => (one.type === 'ticks' ? one.ticks : []));
    expect(new Set(heard.map(({ symbol }) => symbol))).toEqual(new Set(['sim:BETA']));
    expect(states.all.map(({ kind }) => kind)).toEqual(['connecting', 'connected']);
  });

  test('of no symbols is connected and hears nothing, until it is told of some, and of none again', async () => {
    const { market, streamUrl } = await aGateway({ steps: 20 });
    const { client, forecasts, snapshots, states, others } = connect(streamUrl, { symbols: [] });
    await states.until((all) => all.at(-1)?.kind === 'connected', 'a connection');
    client.subscribe({ channels: ['forecasts'], symbols: ['sim:BETA'] });
    await snapshots.until((all) => all.length === 1, 'a snapshot');
    await market.step(2);
    await forecasts.until((all) => all.length === 2, 'its forecasts');
    client.subscribe({ channels: ['forecasts'], symbols: [] });
    client.subscribe({ channels: ['ticks'], symbols: ['*'] });
    await others.until((all) => all.length > 0, 'ticks, which are answered after');
    const ticks = others.all.length;
    await market.step(2);
    await others.until((all) => all.length > ticks, 'ticks of the steps');
    expect(forecasts.all).toHaveLength(2);
    expect(states.all.map(({ kind }) => kind)).toEqual(['connecting', 'connected']);
  });

  test('that was cut off asks again for all that was wanted last, and resumes', async () => {
    const { log, market, server, streamUrl } = await aGateway({ steps: 20 });
    const { client, forecasts, snapshots, states, others } = connect(streamUrl, {
      symbols: ['sim:BETA'],
    });
    client.subscribe({ channels: ['ticks'], symbols: ['*'], maxRateHz: 20 });
    await snapshots.until((all) => all.length === 1, 'a snapshot');
    client.subscribe({ channels: ['forecasts'], symbols: ['sim:ALPHA'] });
    await snapshots.until((all) => all.length === 2, 'another snapshot');
    await server.stop();
    await states.until((all) => all.at(-1)?.kind === 'reconnecting', 'the loss of the server');
    await market.step(10);
    const before = others.all.length;
    await aGateway({ log, config: { port: server.port } });
    await forecasts.until((all) => all.length >= 10, 'what was missed');
    expect(originsOf(forecasts.all, 'sim:ALPHA')).toEqual(
      Array.from({ length: 10 }, (_, k) => k + 20),
    );
    expect(snapshots.all).toHaveLength(2);
    await others.until((all) => all.length > before, 'ticks');
  });

  test('that is told of other symbols while it is cut off begins with a snapshot of them', async () => {
    const { log, market, server, streamUrl } = await aGateway({ steps: 20 });
    const { client, snapshots, states } = connect(streamUrl, { symbols: ['sim:BETA'] });
    await snapshots.until((all) => all.length === 1, 'a snapshot');
    await server.stop();
    await states.until((all) => all.at(-1)?.kind === 'reconnecting', 'the loss of the server');
    client.subscribe({ channels: ['forecasts'], symbols: ['sim:ALPHA'] });
    await market.step(1);
    await aGateway({ log, config: { port: server.port } });
    await snapshots.until((all) => all.length === 2, 'another snapshot');
    expect(snapshots.all[1].forecasts.map(({ symbol }) => symbol)).toEqual(['sim:ALPHA']);
  });

  test('whose listener throws ends with that error', async () => {
    const { streamUrl } = await aGateway({ steps: 20 });
    const client = new ForecastClient(
      { url: streamUrl, symbols: ['*'] },
      {
        onSnapshot: () => {
          throw new Error('the listener failed');
        },
      },
    );
    await expect(client.done).rejects.toThrow('the listener failed');
  });

  test('that asks for what is refused ends with the reason', async () => {
    const { streamUrl } = await aGateway({ steps: 20 });
    const { client } = connect(streamUrl, { symbols: ['no such symbol!'] });
    await expect(client.done).rejects.toMatchObject({ code: 'CLIENT_SUBSCRIPTION' });
  });

  test('is told when it may not connect, and does not try again', async () => {
    const { streamUrl } = await aGateway({ steps: 20, config: { connections: 1 } });
    const first = connect(streamUrl);
    await first.snapshots.until((all) => all.length === 1, 'a snapshot');
    const second = connect(streamUrl);
    await expect(second.client.done).rejects.toMatchObject({ code: 'CLIENT_REFUSED' });
  });

  test('shows its token, and a newer one before that expires, on the same connection', async () => {
    // The server's time stands still until told: no machine is too slow to show a newer token before the first expires.
    const clock = virtualClock(Date.now());
    const { market, streamUrl } = await aGateway({
      steps: 20,
      config: { authSecret: TOKEN_SECRET },
      clock,
    });
    const firstExpiresMs = Math.floor(Date.now() / 1_000) * 1_000 + 3_000;
    const shown: string[] = [];
    const token = async () => {
      shown.push(await aToken({ seconds: 3 }));
      return shown.at(-1) ?? '';
    };
    const { snapshots, forecasts, states } = connect(streamUrl, { token });
    await snapshots.until((all) => all.length === 1, 'a snapshot');
    // The third is asked for once the server has taken the second.
    await eventually(() => expect(shown.length).toBeGreaterThanOrEqual(3));
    await market.step(1);
    await clock.advance(firstExpiresMs - clock.nowMs() + 500);
    await forecasts.until((all) => all.length === 3, 'forecasts after the first expiry');
    expect(states.all.map(({ kind }) => kind)).toEqual(['connecting', 'connected']);
  });

  test('whose token is refused ends', async () => {
    const { streamUrl } = await aGateway({ steps: 20, config: { authSecret: TOKEN_SECRET } });
    const { client } = connect(streamUrl, { token: () => aToken({ audience: 'others' }) });
    await expect(client.done).rejects.toMatchObject({ code: 'CLIENT_REFUSED' });
  });

  test('attempts nothing while there is no network, and connects when it is back', async () => {
    const { streamUrl } = await aGateway({ steps: 20 });
    let isOnline = false;
    let back = () => {};
    const connectivity = {
      isOnline: () => isOnline,
      onOnline: (call: () => void) => {
        back = call;
        return () => {};
      },
    };
    const { states, snapshots } = connect(streamUrl, { connectivity });
    expect(states.all.map(({ reason }) => reason)).toEqual(['there is no network']);
    isOnline = true;
    back();
    await snapshots.until((all) => all.length === 1, 'a snapshot');
  });

  test('with a MessagePack library and another WebSocket class hears the same, resume included', async () => {
    const { market, streamUrl } = await aGateway({ steps: 20 });
    const protocols: string[] = [];
    class Noted extends WebSocket {
      constructor(url: string, subprotocols: string[] = []) {
        super(url, subprotocols);
        this.on('open', () => protocols.push(this.protocol));
      }
    }
    const packed = connect(streamUrl, { messagePack, webSocket: Noted });
    const plain = connect(streamUrl);
    await packed.snapshots.until((all) => all.length === 1, 'a snapshot');
    await plain.snapshots.until((all) => all.length === 1, 'a snapshot');
    await market.step(5);
    await packed.forecasts.until((all) => all.length >= 15, 'forecasts');
    await plain.forecasts.until((all) => all.length >= 15, 'forecasts');
    expect(packed.forecasts.all).toEqual(plain.forecasts.all);
    await packed.client.close();
    const again = connect(streamUrl, { messagePack, position: positionOf(packed.client) });
    await market.step(1);
    await again.forecasts.until((all) => all.length >= 3, 'what came later');
    expect(originsOf(again.forecasts.all, 'sim:ALPHA')).toEqual([25]);
    expect(again.snapshots.all).toEqual([]);
    expect(protocols).toEqual(['foretick.v1.msgpack']);
  });

  test('of many that take deflated messages hears the same, in the same order', async () => {
    const { market, streamUrl } = await aGateway({ steps: 20 });
    let binary = 0;
    class Noted extends WebSocket {
      constructor(url: string, subprotocols: string[] = []) {
        super(url, subprotocols);
        this.on('message', (_data, isBinary) => {
          binary += Number(isBinary);
        });
      }
    }
    const options = { deflate: true, webSocket: Noted };
    const many = Array.from({ length: 9 }, () => connect(streamUrl, options));
    const plain = connect(streamUrl);
    for (const { snapshots } of [...many, plain]) {
      await snapshots.until((all) => all.length === 1, 'a snapshot');
    }
    for (let k = 0; k < 20; k += 1) await market.step(1);
    for (const { forecasts } of [...many, plain]) {
      await forecasts.until((all) => all.length >= 60, 'forecasts');
      expect(originsOf(forecasts.all, 'sim:BETA')).toEqual(
        Array.from({ length: 20 }, (_, k) => k + 20),
      );
    }
    expect(many[8].forecasts.all).toEqual(plain.forecasts.all);
    expect(binary).toBeGreaterThan(0);
  });

  test('where there is no WebSocket says what to do', () => {
    vi.stubGlobal('WebSocket', undefined);
    onTestFinished(() => void vi.unstubAllGlobals());
    const options = { url: 'ws://127.0.0.1:1/', symbols: ['*'] };
    expect(() => new ForecastClient(options, {})).toThrow(
      expect.objectContaining({ code: 'CLIENT_NO_WEBSOCKET' }),
    );
  });

  test('hears ticks, scores, model events and health where it asks for them', async () => {
    const { market, streamUrl } = await aGateway({ steps: 20 });
    const channels = ['forecasts', 'ticks', 'scores', 'models', 'health'] as const;
    const { others, snapshots } = connect(streamUrl, { channels });
    await snapshots.until((all) => all.length === 1, 'a snapshot');
    await market.step(200);
    for (const type of ['ticks', 'scores', 'models', 'health']) {
      await others.until((all) => all.some((one) => one.type === type), type);
    }
    await others.until(
      (all) => all.some((one) => one.type === 'models' && one.events.length === 1),
      'a training',
    );
  });
});

function connect(url: string, over: Partial<ForecastClientOptions> = {}) {
  const forecasts = new Heard<WireForecast>();
  const snapshots = new Heard<Extract<ServerMessage, { type: 'snapshot' }>>();
  const states = new Heard<ConnectionState>();
  const others = new Heard<ServerMessage>();
  const client = new ForecastClient(
    { url, symbols: ['*'], reconnectBaseMs: 50, ...over },
    {
      onSnapshot: (message) => snapshots.push(message),
      onForecasts: (message) => {
        for (const one of message.forecasts) forecasts.push(one);
      },
      onTicks: (message) => others.push(message),
      onScores: (message) => others.push(message),
      onModels: (message) => others.push(message),
      onHealth: (message) => others.push(message),
      onState: (state) => states.push(state),
    },
  );
  onTestFinished(() => client.close());
  return { client, forecasts, snapshots, states, others };
}

function positionOf({ position }: ForecastClient): WirePosition {
  if (position === null) throw new Error('no position yet');
  return position;
}

function originsOf(forecasts: readonly WireForecast[], symbol: string): number[] {
  return forecasts.filter((one) => one.symbol === symbol).map((one) => one.origin);
}
