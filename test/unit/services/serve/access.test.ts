import { once } from 'node:events';
import { request } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ServeConfig } from '#services/serve/config.ts';
import { ROUTES } from '#services/serve/http/routes.ts';
import type { RunningServe } from '#services/serve/service.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import { virtualClock } from '#shared/runtime/virtual-clock.ts';
import { aGateway } from '#test/builders/a-gateway.ts';
import { eventually } from '#test/builders/eventually.ts';
import { Heard } from '#test/builders/heard.ts';
import { aToken, TOKEN_SECRET } from '#test/builders/tokens.ts';

const WAYS = ['in a header', 'as a subprotocol', 'in its first message'] as const;

describe('where tokens are asked for', () => {
  test('only health, readiness and the page, which hold no figures, are open', async () => {
    expect(ROUTES.filter(({ isOpen }) => isOpen).map(({ path }) => path)).toEqual([
      '/healthz',
      '/readyz',
    ]);
    const server = await aGuardedGateway();
    for (const path of ['/healthz', '/', '/dashboard/dashboard.ts']) {
      expect((await get(server, path, null)).status).toBe(200);
    }
    expect([200, 503]).toContain((await get(server, '/readyz', null)).status);
  });

  test('HTTP shows only the symbols that the token allows', async () => {
    const server = await aGuardedGateway();
    const token = await aToken({ symbols: ['sim:B*'] });
    const { symbols } = JSON.parse((await get(server, '/v1/symbols', token)).body);
    expect(symbols.map((one: { symbol: string }) => one.symbol)).toEqual(['sim:BETA']);
    expect((await get(server, '/v1/forecasts/sim%3ABETA', token)).status).toBe(200);
    expect((await get(server, '/v1/forecasts/sim%3AALPHA', token)).status).toBe(404);
  });
});

describe('a WebSocket where tokens are asked for', () => {
  test('is let in with a good token, wherever it is shown, and told only of allowed symbols', async () => {
    const server = await aGuardedGateway();
    const token = await aToken({ symbols: ['sim:*A'] });
    const [byHeader, byProtocol, byMessage] = WAYS.map((way) => shownBy(way, server, token));
    for (const { messages } of [byHeader, byProtocol, byMessage]) {
      await messages.until((all) => all.some((one) => one.type === 'welcome'), 'a welcome');
      expect(messages.all.find((one) => one.type === 'welcome')?.symbols).toEqual([
        'sim:ALPHA',
        'sim:BETA',
        'sim:DELTA',
      ]);
    }
    expect(byProtocol.socket.protocol).toBe('foretick.v1');
    expect(byMessage.messages.all[0].result.allowed).toEqual(['sim:*A']);
  });

  test.each(WAYS)(
    'that showed it %s is closed with 3005 within two seconds of its expiring, and not before',
    async (way) => {
      const clock = virtualClock(Math.floor(Date.now() / 1_000) * 1_000);
      // No ping is due while time passes faster than a peer can answer.
      const server = await aGuardedGateway({ heartbeatMs: 3_600_000 }, clock);
      const token = await aToken({ seconds: 60 });
      const { closed, messages, socket } = shownBy(way, server, token);
      await messages.until((all) => all.some((one) => one.type === 'welcome'), 'a welcome');
      await clock.advance(59_900);
      socket.send('{"id":8,"method":"ping"}');
      await messages.until((all) => all.some((one) => one.id === 8), 'life before the expiry');
      await clock.advance(2_000);
      expect(await closed).toBe(3005);
    },
  );

  test('that shows none yet takes no more than half of the connections, and others may come again', async () => {
    const server = await aGuardedGateway({ connections: 5 });
    const strangers = Array.from({ length: 4 }, () => open(server));
    const codes: number[] = [];
    for (const { closed } of strangers) void closed.then((code) => codes.push(code));
    await eventually(() => expect(codes).toEqual([3013]));
    const token = await aToken();
    const known = [
      shownBy('in a header', server, token),
      shownBy('as a subprotocol', server, token),
    ];
    for (const { messages } of known) await messages.until((all) => all.length > 0, 'a welcome');
    // Who has shown one is no stranger any more.
    const waiting = strangers.filter(({ socket }) => socket.readyState === WebSocket.OPEN);
    for (const { socket } of waiting) socket.send(authenticate(1, token));
    for (const { messages } of waiting) await messages.until((all) => all.length > 1, 'a welcome');
    for (const { socket } of known) {
      socket.close();
      await once(socket, 'close');
    }
    const late = shownBy('in its first message', server, token);
    await late.messages.until((all) => all.length > 1, 'a welcome');
    expect(codes).toEqual([3013]);
  });

  test('whose token allows no symbol still tells who collects metrics what the gateway does', async () => {
    const server = await aGuardedGateway();
    const token = await aToken({ symbols: [] });
    expect((await get(server, '/metrics', token)).status).toBe(200);
    expect(JSON.parse((await get(server, '/v1/symbols', token)).body).symbols).toEqual([]);
  });

  test('goes on over the expiry when a newer token is shown', async () => {
    const clock = virtualClock(Date.now());
    const server = await aGuardedGateway({}, clock);
    const first = await aToken({ seconds: 2 });
    const { socket, messages } = open(server, { headers: { authorization: `Bearer ${first}` } });
    await messages.until((all) => all.length > 0, 'a welcome');
    socket.send(authenticate(7, await aToken({ seconds: 60 })));
    await messages.until((all) => all.some((one) => one.id === 7), 'an answer');
    await clock.advance(2_500);
    socket.send('{"id":8,"method":"ping"}');
    await messages.until((all) => all.some((one) => one.id === 8), 'life after the expiry');
  });
});

describe('a gateway', () => {
  test('may listen on every address once it asks for tokens', async () => {
    const server = await aGuardedGateway({ host: '0.0.0.0' });
    expect((await get(server, '/v1/symbols', null)).status).toBe(401);
  });

  test.each([
    [{ authSecret: 'short' }, /at least 32 bytes, had 5/],
    [{ authSecret: TOKEN_SECRET, authKeys: 'keys.json' }, /both were set/],
    [{ authSecret: '', authKeys: 'no-such-file.json' }, /no-such-file.json is none/],
  ])('does not start with %j', async (over, reason) => {
    await expect(aGuardedGateway(over)).rejects.toThrow(reason);
  });
});

async function aGuardedGateway(over: Partial<ServeConfig> = {}, clock?: Clock) {
  const config = { authSecret: TOKEN_SECRET, authTenant: 'ours', ...over };
  const { server } = await aGateway({ steps: 1, config, ...(clock && { clock }) });
  return server;
}

async function get({ port }: RunningServe, path: string, token: string | null) {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const asked = request({ host: '127.0.0.1', port, path, headers }).end();
  const [response] = await once(asked, 'response');
  let body = '';
  for await (const part of response) body += part;
  return { status: response.statusCode as number, headers: response.headers, body };
}

function authenticate(id: number, token: string): string {
  return JSON.stringify({ id, method: 'authenticate', params: { token } });
}

function streamOf(server: RunningServe): string {
  return `ws://127.0.0.1:${server.port}/v1/stream`;
}

function shownBy(way: (typeof WAYS)[number], server: RunningServe, token: string) {
  if (way === 'in a header') return open(server, { headers: { authorization: `Bearer ${token}` } });
  if (way === 'as a subprotocol')
    return open(server, { protocols: [`foretick.token.${token}`, 'foretick.v1'] });
  const opened = open(server);
  opened.socket.on('open', () => opened.socket.send(authenticate(1, token)));
  return opened;
}

interface OpenOptions {
  readonly protocols?: string[];
  readonly headers?: Record<string, string>;
}

function open(server: RunningServe, { protocols = [], headers = {} }: OpenOptions = {}) {
  const socket = new WebSocket(streamOf(server), protocols, { headers });
  // biome-ignore lint/suspicious/noExplicitAny: what was received is looked at field by field
  const messages = new Heard<any>();
  socket.on('message', (text) => messages.push(JSON.parse(String(text))));
  const closed = once(socket, 'close').then(([code]) => code as number);
  onTestFinished(() => socket.terminate());
  return { socket, messages, closed };
}
