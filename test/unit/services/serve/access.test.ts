import { once } from 'node:events';
import { request } from 'node:http';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ServeConfig } from '#services/serve/config.ts';
import { ROUTES } from '#services/serve/http/routes.ts';
import type { RunningServe } from '#services/serve/service.ts';
import type { Clock } from '#shared/runtime/clock.ts';
import { virtualClock } from '#shared/runtime/virtual-clock.ts';
import { aGateway } from '#test/builders/a-gateway.ts';
import { Heard } from '#test/builders/heard.ts';
import { anUnsignedToken, aToken, TOKEN_SECRET } from '#test/builders/tokens.ts';

const TOKENS: Readonly<Record<string, string | null>> = {
  no: null,
  rubbish: 'no.token.atall',
  'a badly signed': '',
  'an expired': '',
  'a wrong-audience': '',
  "another tenant's": '',
  'an alg: none': anUnsignedToken(),
  'a token without symbols as': '',
};

beforeAll(async () => {
  Object.assign(TOKENS, {
    'a badly signed': await aToken({ secret: 'another secret, also thirty-two bytes long' }),
    'an expired': await aToken({ seconds: -1 }),
    'a wrong-audience': await aToken({ audience: 'something else' }),
    "another tenant's": await aToken({ tenant: 'theirs' }),
    'a token without symbols as': await aToken({ symbols: undefined }),
  });
});

const CLOSED = ROUTES.filter(({ isOpen }) => !isOpen).map(({ path }) => path);
const ADDRESSES = [...CLOSED, '/v1/unknown', '/udf/unknown'];
const KINDS = Object.keys(TOKENS);

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

  test.each(KINDS.flatMap((kind) => ADDRESSES.map((path) => [kind, path] as const)))(
    '%s token is refused at %s',
    async (kind, path) => {
      const answer = await get(await aGuardedGateway(), addressOf(path), TOKENS[kind]);
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toContain('Bearer');
      expect(answer.body).not.toContain('sim:');
    },
  );

  test.each(KINDS)('%s token in the address is not read', async (kind) => {
    const server = await aGuardedGateway();
    const token = await aToken();
    const path = `/v1/symbols?token=${token}&access_token=${token}`;
    expect((await get(server, path, TOKENS[kind])).status).toBe(401);
  });

  test.each(ADDRESSES)('a good token is let in at %s', async (path) => {
    const { status } = await get(await aGuardedGateway(), addressOf(path), await aToken());
    expect([200, 400, 404]).toContain(status);
    if (!path.includes('unknown')) expect(status).not.toBe(404);
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
  test.each(KINDS.filter((kind) => kind !== 'no'))(
    'is refused with %s token in the header, in the subprotocol and in the first message',
    async (kind) => {
      const server = await aGuardedGateway();
      const token = TOKENS[kind] ?? '';
      const headers = { authorization: `Bearer ${token}` };
      const refused = new WebSocket(streamOf(server), { headers });
      const [error] = await once(refused, 'error').catch((failure) => [failure]);
      expect(String(error)).toContain('401');

      const offered = open(server, { protocols: ['foretick.v1', `foretick.token.${token}`] });
      expect(await offered.closed).toBe(3500);
      expect(offered.messages.all).toEqual([]);

      const told = open(server);
      await once(told.socket, 'open');
      told.socket.send(authenticate(1, token));
      expect(await told.closed).toBe(3500);
      expect(told.messages.all).toMatchObject([{ id: 1, error: { code: 105 } }]);
    },
  );

  test('is refused without a token as soon as it asks for something', async () => {
    const { socket, closed, messages } = open(await aGuardedGateway());
    await once(socket, 'open');
    socket.send(
      '{"id":1,"method":"subscribe","params":{"channels":["forecasts"],"symbols":["*"]}}',
    );
    expect(await closed).toBe(3500);
    expect(messages.all).toMatchObject([{ id: 1, error: { code: 105 } }]);
  });

  test('is let in with a good token, wherever it is shown, and told only of allowed symbols', async () => {
    const server = await aGuardedGateway();
    const token = await aToken({ symbols: ['sim:*A'] });
    const byHeader = open(server, { headers: { authorization: `Bearer ${token}` } });
    const byProtocol = open(server, { protocols: [`foretick.token.${token}`, 'foretick.v1'] });
    const byMessage = open(server);
    await once(byMessage.socket, 'open');
    byMessage.socket.send(authenticate(1, token));
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

  test('is closed with 3005 within two seconds of its token expiring, and not before', async () => {
    const clock = virtualClock(Math.floor(Date.now() / 1_000) * 1_000);
    // No ping is due while time passes faster than a peer can answer.
    const server = await aGuardedGateway({ heartbeatMs: 3_600_000 }, clock);
    const token = await aToken({ seconds: 60 });
    const { closed, messages, socket } = open(server, {
      headers: { authorization: `Bearer ${token}` },
    });
    await messages.until((all) => all.length > 0, 'a welcome');
    await clock.advance(59_900);
    socket.send('{"id":8,"method":"ping"}');
    await messages.until((all) => all.some((one) => one.id === 8), 'life before the expiry');
    await clock.advance(2_000);
    expect(await closed).toBe(3005);
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

  test('of a foreign page is refused, whatever its token', async () => {
    const server = await aGuardedGateway();
    const headers = { authorization: `Bearer ${await aToken()}` };
    const socket = new WebSocket(streamOf(server), { headers, origin: 'https://evil.example' });
    const [error] = await once(socket, 'error').catch((failure) => [failure]);
    expect(String(error)).toContain('403');
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

function addressOf(path: string): string {
  const query = path.startsWith('/udf/') ? '?symbol=sim:ALPHA&resolution=1S' : '';
  return path.replace('{symbol}', 'sim%3AALPHA') + query;
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
