import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { ServeConfig } from '#services/serve/config.ts';
import type { RunningServe } from '#services/serve/service.ts';
import { openMemoryLog } from '#shared/log/embedded/memory-log.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import { virtualClock } from '#shared/runtime/virtual-clock.ts';
import type { WireForecast } from '#shared/wire/message.ts';
import { aGateway } from '#test/builders/a-gateway.ts';
import { eventually } from '#test/builders/eventually.ts';
import { Heard } from '#test/builders/heard.ts';

describe('http', () => {
  test('is healthy at once, and ready once forecasts flow and the other services are ready', async () => {
    const { server, market, others } = await aWatchedGateway();
    expect((await get(server, '/healthz')).status).toBe(200);
    expect((await get(server, '/readyz')).status).toBe(503);
    await market.step();
    await eventually(async () => expect((await get(server, '/readyz')).status).toBe(200));
    others.ready = false;
    expect((await get(server, '/readyz')).status).toBe(503);
  });

  test('gives symbols, forecasts and model events as JSON in raw units', async () => {
    const { server } = await aWatchedGateway(200);
    const { symbols } = (await get(server, '/v1/symbols')).json();
    expect(symbols.map((one: { symbol: string }) => one.symbol)).toEqual([
      'sim:ALPHA',
      'sim:BETA',
      'sim:DELTA',
    ]);
    expect(symbols[0]).toMatchObject({
      origin: 199,
      isWarming: false,
      tick: { symbol: 'sim:ALPHA' },
    });
    const path = `/v1/forecasts/${encodeURIComponent('sim:BETA')}`;
    const { levels, forecasts } = (await get(server, `${path}?history=3`)).json();
    expect(levels).toHaveLength(21);
    expect(forecasts.map((one: { origin: number }) => one.origin)).toEqual([197, 198, 199]);
    // Scores are completed by every fiftieth tick; those of before the start are carried, too.
    const scoredNs = forecasts.map((one: WireForecast) => one.score?.eventTimeNs);
    expect(scoredNs).toEqual([scoredNs[0], scoredNs[0], forecasts[2].eventTimeNs]);
    expect(scoredNs[0]).toMatch(/^\d+$/);
    expect((await get(server, path)).json().forecasts).toHaveLength(1);
    const models = (await get(server, '/v1/models')).json();
    expect(models.events.map((one: { event: string }) => one.event)).toEqual([
      'boundary',
      'switched',
    ]);
    expect(models.current).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each(['/v1/forecasts/none', '/v1/', '/v1/forecasts/%', '/nothing'])(
    'answers %s with 404',
    async (path) => {
      const { server } = await aWatchedGateway();
      expect((await get(server, path)).status).toBe(404);
    },
  );

  test.each(['abc', '', '0', '-1', '1.5', 'Infinity'])(
    'refuses a history of %j, which is no count',
    async (count) => {
      const { server } = await aWatchedGateway();
      const refused = await get(server, `/v1/forecasts/sim%3ABETA?history=${count}`);
      expect(refused.status).toBe(400);
      expect(refused.json().error.message).toContain('history');
    },
  );

  test('serves the page and its modules with their types stripped, without a word on the console', async () => {
    const warnings = vi.fn();
    process.on('warning', warnings);
    onTestFinished(() => void process.off('warning', warnings));
    const { server } = await aWatchedGateway();
    const page = await get(server, '/');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.headers['content-type']).toContain('text/html');
    for (const path of ['/dashboard/dashboard.ts', '/shared/client/forecast-client.ts']) {
      const script = await get(server, path);
      expect(script.headers['content-type']).toContain('text/javascript');
      expect(script.body).not.toMatch(/: WirePosition|interface |import type/);
    }
    expect((await get(server, '/vendor/uplot.js')).status).toBe(200);
    expect((await get(server, '/vendor/uplot.css')).status).toBe(200);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).not.toHaveBeenCalled();
  });

  test.each([
    '/../package.json',
    '/dashboard/../config.ts',
    '/dashboard/%2e%2e/config.ts',
    '/dashboard/tsconfig.json',
    '/shared/log/event-log.ts',
    '/shared/wire/..%2f..%2fpackage.json',
    '//etc/passwd',
  ])('does not give out %s', async (path) => {
    const { server } = await aWatchedGateway();
    expect(await statusLine(server, path)).toMatch(/ 40[04] /);
  });

  test('says of the stream that it wants a WebSocket', async () => {
    const { server } = await aWatchedGateway();
    const { status, headers } = await get(server, '/v1/stream');
    expect([status, headers['upgrade']]).toEqual([426, 'websocket']);
  });

  test('has a bound of its own on connections, above that of WebSockets', async () => {
    const { server } = await aWatchedGateway(0, { connections: 2, httpConnections: 1 });
    for (const { messages } of [open(server), open(server)]) {
      await messages.until((all) => all.length > 0, 'a welcome');
    }
    expect((await get(server, '/healthz', { connection: 'close' })).status).toBe(200);
    const idle = connect(server.port, '127.0.0.1');
    await once(idle, 'connect');
    const cut = connect(server.port, '127.0.0.1').resume();
    await once(cut, 'close');
    idle.destroy();
    const answered = async () => (await get(server, '/metrics', { connection: 'close' })).body;
    await eventually(async () =>
      expect(await answered()).toMatch(/foretick_serve_cut_connections_total [1-9]/),
    );
  });

  test('answers no other host, and no other method', async () => {
    const { server } = await aWatchedGateway();
    expect((await get(server, '/healthz', { host: 'evil.example' })).status).toBe(421);
    expect((await get(server, '/healthz', {}, 'POST')).status).toBe(405);
  });
});

describe('web sockets', () => {
  test('begin with a welcome that states run, limits and heartbeat', async () => {
    const { server, log } = await aWatchedGateway(1);
    const { messages } = open(server);
    await messages.until((all) => all.length > 0, 'a welcome');
    expect(messages.all[0]).toMatchObject({
      type: 'welcome',
      protocolVersion: 1,
      run: log.run,
      heartbeatMs: 10_000,
      limits: { messageBytes: 65_536, requestsPerSecond: 20 },
      symbols: ['sim:ALPHA', 'sim:BETA', 'sim:DELTA'],
    });
  });

  test('of a foreign page are refused', async () => {
    const { server } = await aWatchedGateway();
    const socket = new WebSocket(streamOf(server), { origin: 'https://evil.example' });
    const [error] = await once(socket, 'error').catch((failure) => [failure]);
    expect(String(error)).toContain('403');
  });

  test('of a foreign page that resets its connection do not end the process', async () => {
    const { server } = await aWatchedGateway();
    const faults = vi.fn();
    process.on('uncaughtException', faults);
    onTestFinished(() => void process.off('uncaughtException', faults));
    const peer = await refused(server);
    peer.resetAndDestroy();
    await once(peer, 'close');
    expect((await get(server, '/healthz')).status).toBe(200);
    expect(faults).not.toHaveBeenCalled();
  });

  test('of a foreign page that leaves its half open do not keep the server from stopping', async () => {
    const { server } = await aWatchedGateway();
    await refused(server);
    await server.stop();
    await expect(get(server, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('are told before the server stops, and closed with 3001', async () => {
    const { server } = await aWatchedGateway();
    const { messages, closed } = open(server);
    await messages.until((all) => all.length > 0, 'a welcome');
    await server.stop();
    expect(messages.all.at(-1)).toMatchObject({ type: 'closing', code: 3001 });
    expect(await closed).toBe(3001);
  });

  test('that answer no ping are closed', async () => {
    const { server } = await aWatchedGateway(0, { heartbeatMs: 100 });
    const { closed } = open(server, { autoPong: false });
    expect(await closed).toBe(3012);
  });

  test('with a message that is too long or not text are closed', async () => {
    const { server } = await aWatchedGateway();
    const long = open(server);
    await long.messages.until((all) => all.length > 0, 'a welcome');
    long.socket.send('x'.repeat(65_537));
    expect(await long.closed).toBe(1009);
    const binary = open(server);
    await binary.messages.until((all) => all.length > 0, 'a welcome');
    binary.socket.send(Buffer.of(1, 2, 3));
    expect(await binary.closed).toBe(3501);
  });

  test('that are not read are closed with 3008 and cost a bounded buffer, while others go on', async () => {
    const limits = { bufferedBytes: 65_536, slowMs: 300 };
    const clock = virtualClock(0);
    const { server, market } = await aWatchedGateway(1, limits, clock);
    const slow = open(server);
    const quick = open(server);
    const subscribe =
      '{"id":1,"method":"subscribe","params":{"channels":["forecasts"],"symbols":["*"]}}';
    for (const { messages, socket } of [slow, quick]) {
      await messages.until((all) => all.length > 0, 'a welcome');
      socket.send(subscribe);
      await messages.until((all) => all.some((one) => one.type === 'snapshot'), 'a snapshot');
    }
    slow.socket.pause();
    const origin = () => market.originsOf('sim:BETA') - 1;
    // biome-ignore lint/suspicious/noExplicitAny: what was received is looked at field by field
    const tells = ({ forecasts = [] }: any) =>
      forecasts.some((one: WireForecast) => one.symbol === 'sim:BETA' && one.origin === origin());
    // The other reads as fast as it is written to: only the one that stands still falls behind, however fast that is.
    while (server.closes().length === 0) {
      await market.step(20);
      await clock.advance(100);
      await quick.messages.until((all) => all.slice(-5).some(tells), `origin ${origin()}`);
    }
    expect(server.closes()).toEqual(['3008']);
    expect(quick.socket.readyState).toBe(WebSocket.OPEN);
  });
});

describe('starting', () => {
  test('on an address that others can reach is refused as long as there is no authentication', async () => {
    await expect(aWatchedGateway(0, { host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'SERVE_HOST',
    });
  });

  test('on all addresses is for a container whose port is published on loopback, and still for pages of this machine', async () => {
    const over = { host: '0.0.0.0', publishedOnLoopback: true };
    const { server } = await aWatchedGateway(0, over);
    const url = `http://127.0.0.1:${server.port}/healthz`;
    expect((await fetch(url)).status).toBe(200);
    const asked = request(url, { headers: { host: 'foreign.example' } }).end();
    const [response] = await once(asked, 'response');
    expect(response.statusCode).toBe(421);
  });

  test('on a port that is taken says so', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    onTestFinished(() => void holder.close());
    const { port } = holder.address() as AddressInfo;
    await expect(aWatchedGateway(0, { port })).rejects.toThrow(
      new RegExp(`port ${port} of 127.0.0.1 must be free, another process has it; .*FORETICK_PORT`),
    );
  });

  test('again after a stop is possible on the same port, and stopping twice is one stop', async () => {
    const { server } = await aWatchedGateway();
    await Promise.all([server.stop(), server.stop()]);
    await server.done;
    const again = await aWatchedGateway(0, { port: server.port });
    expect(again.server.port).toBe(server.port);
  });

  test('with a forecasts log that is damaged fails with the reason', async () => {
    const log = openMemoryLog({ partitionCount: 1 });
    await log.append('forecasts', 0, [Uint8Array.of(9, 9, 9)]);
    await expect(aGateway({ log })).rejects.toMatchObject({ code: 'BYTES_CORRUPT' });
  });
});

/** @returns with it what its other services say, and the codes with which it closed sockets */
async function aWatchedGateway(steps = 0, config: Partial<ServeConfig> = {}, clock?: Clock) {
  const others = { ready: true };
  const readiness = () => others.ready;
  const gateway = await aGateway({ steps, config, readiness, ...(clock && { clock }) });
  const { log, market, logger } = gateway;
  const closes = () =>
    logger.events
      .filter((one) => one.text === 'socket closed')
      .map((one) => String(one.fields['code']));
  return { log, market, others, server: { ...gateway.server, closes } };
}

// biome-ignore lint/suspicious/noExplicitAny: what was received is looked at field by field
type Received = any;

async function get(server: RunningServe, path: string, headers = {}, method = 'GET') {
  const asked = request({ host: '127.0.0.1', port: server.port, path, headers, method }).end();
  const [response] = await once(asked, 'response');
  let body = '';
  for await (const part of response) body += part;
  const json = (): Received => JSON.parse(body);
  return { status: response.statusCode as number, headers: response.headers, body, json };
}

/** The path goes out as it is: clients would tidy it up. */
async function statusLine(server: RunningServe, path: string): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
  let text = '';
  for await (const part of socket) text += part;
  return text.split('\r\n')[0];
}

/** A socket that asked for an upgrade as a foreign page does, was refused, and has closed nothing. */
async function refused(server: RunningServe): Promise<Socket> {
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  const lines = ['GET /v1/stream HTTP/1.1', 'Host: 127.0.0.1', 'Origin: https://evil.example'];
  socket.write(`${[...lines, 'Connection: Upgrade', 'Upgrade: websocket'].join('\r\n')}\r\n\r\n`);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toContain(' 403 ');
  return socket;
}

function streamOf(server: RunningServe): string {
  return `ws://127.0.0.1:${server.port}/v1/stream`;
}

function open(server: RunningServe, options: { autoPong?: boolean } = {}) {
  const socket = new WebSocket(streamOf(server), options);
  const messages = new Heard<Received>();
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  const closed = once(socket, 'close').then(([code]) => code as number);
  onTestFinished(() => void socket.terminate());
  return { socket, messages, closed };
}
