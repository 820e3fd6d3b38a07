import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode } from '@msgpack/msgpack';
import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ROUTES } from '#services/serve/http/routes.ts';
import { SUBPROTOCOL } from '#shared/wire/subprotocol.ts';
import { type Gateway, type GatewayOptions, startGateway } from '#test/builders/a-gateway.ts';
import { documentOf } from '#test/builders/schemas-of-docs.ts';
import { anUnsignedToken, aToken, TOKEN_SECRET, type TokenSigner } from '#test/builders/tokens.ts';

// Every way in, with every token that must not open it, at gateways of either kind of key.

const KINDS = [
  'no',
  'an empty',
  'a rubbish',
  'a badly signed',
  'an expired',
  'a never-ending',
  'a not-yet-valid',
  'a wrong-audience',
  "another tenant's",
  'an alg: none',
  'a differently signed',
  'a without-symbols',
] as const;
type Kind = (typeof KINDS)[number];
const SHOWN = KINDS.filter((kind) => kind !== 'no' && kind !== 'an empty');

/** Of the OpenAPI file, which another test holds against the routes; and what stands in neither. */
const ADDRESSES = [
  ...Object.entries<{ get: { security?: unknown[] } }>(documentOf('openapi.yaml').paths)
    .filter(([, { get }]) => get.security?.length !== 0)
    .map(([path]) => path),
  '/v1/unknown',
  '/udf/unknown',
];

interface Guarded {
  readonly gateway: Gateway;
  readonly tokens: Readonly<Record<Kind, string | null>>;
}

const gateways: Record<string, Guarded> = {};
const sockets: WebSocket[] = [];
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foretick-keys-'));
  const [ours, strangers] = await Promise.all([aPair('ES256'), aPair('ES256')]);
  const jwk = { ...(await exportJWK(ours.publicKey)), alg: 'ES256', kid: 'k', use: 'sig' };
  await writeFile(join(folder, 'keys.json'), JSON.stringify({ keys: [jwk] }));
  const signed = { alg: 'ES256', kid: 'k', key: ours.privateKey };
  gateways['a secret'] = {
    gateway: await started({ authSecret: TOKEN_SECRET }),
    tokens: await tokensOf(
      { alg: 'HS256', key: Buffer.from(TOKEN_SECRET) },
      { alg: 'HS256', key: Buffer.from('another secret, also thirty-two bytes long') },
      { alg: 'HS512', key: Buffer.from(TOKEN_SECRET.repeat(2)) },
    ),
  };
  gateways['a key set'] = {
    gateway: await started({ authKeys: join(folder, 'keys.json') }),
    tokens: await tokensOf(
      signed,
      { ...signed, key: strangers.privateKey },
      // The public key, which everybody has, taken for a secret.
      { alg: 'HS256', kid: 'k', key: Buffer.from(JSON.stringify(jwk)) },
    ),
  };
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});

afterAll(async () => {
  await Promise.all(Object.values(gateways).map(({ gateway }) => gateway.stop()));
  await rm(folder, { recursive: true });
});

test('the addresses are all that ask for a token', () => {
  const closed = ROUTES.filter(({ isOpen }) => !isOpen).map(({ path }) => path);
  expect(ADDRESSES.filter((path) => !path.endsWith('unknown'))).toEqual(closed);
});

describe.each(['a secret', 'a key set'])('a gateway with %s', (keys) => {
  test.each(KINDS.flatMap((kind) => ADDRESSES.map((path) => [kind, path] as const)))(
    'refuses %s token at %s, and says no more to HEAD',
    async (kind, path) => {
      for (const method of ['GET', 'HEAD']) {
        const { status, headers, body } = await asked(keys, method, addressOf(path), kind);
        expect(status).toBe(401);
        expect(headers['www-authenticate']).toContain('Bearer');
        expect(headers['access-control-allow-origin']).toBeUndefined();
        expect(body).not.toContain('sim:');
      }
    },
  );

  test.each(ADDRESSES)('does not take %s for open where it is written otherwise', async (path) => {
    const address = addressOf(path);
    const others = [`/${address}`, address.toUpperCase(), `/x/..${address}`, `${address}/`];
    for (const other of [
      ...others,
      address.replace('/', '/%2e/'),
      address.replace('/v1', '/%76%31'),
    ]) {
      const { status, body } = await asked(keys, 'GET', other, 'no');
      expect([400, 401, 404, 421], other).toContain(status);
      expect(body).not.toContain('sim:');
    }
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('answers no %s', async (method) => {
    const { status, headers } = await asked(keys, method, '/v1/symbols', 'no');
    expect(status).toBe(405);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test.each(SHOWN)('refuses a WebSocket with %s token in the header', async (kind) => {
    const headers = { authorization: `Bearer ${tokenOf(keys, kind)}` };
    for (const protocol of Object.values(SUBPROTOCOL)) {
      const socket = opened(keys, [protocol], headers);
      const [error] = await once(socket, 'error').catch((failure) => [failure]);
      expect(String(error)).toContain('401');
    }
  });

  test.each(SHOWN)('closes with 3500 on %s token in the subprotocol, unheard', async (kind) => {
    for (const protocol of Object.values(SUBPROTOCOL)) {
      const offered = [protocol, `foretick.token.${tokenOf(keys, kind)}`];
      const { code, said } = await ended(opened(keys, offered));
      expect([code, said]).toEqual([3500, []]);
    }
  });

  test.each(KINDS.filter((kind) => kind !== 'no'))(
    'answers %s token in the first message with 105, then 3500, and nothing else',
    async (kind) => {
      for (const protocol of Object.values(SUBPROTOCOL)) {
        const socket = opened(keys, [protocol]);
        const params = { token: tokenOf(keys, kind) };
        socket.on('open', () => ask(socket, { id: 1, method: 'authenticate', params }));
        const { code, said } = await ended(socket);
        expect(code).toBe(3500);
        expect(said).toMatchObject([{ id: 1, error: { code: 105 } }]);
      }
    },
  );

  test.each(['subscribe', 'unsubscribe', 'ping'])(
    'answers no %s before a token',
    async (method) => {
      for (const protocol of Object.values(SUBPROTOCOL)) {
        const socket = opened(keys, [protocol]);
        const params = {
          channels: ['forecasts'],
          ...(method === 'subscribe' ? { symbols: ['*'] } : {}),
        };
        const request = method === 'ping' ? { id: 1, method } : { id: 1, method, params };
        socket.on('open', () => ask(socket, request));
        const { code, said } = await ended(socket);
        expect(code).toBe(3500);
        expect(said).toMatchObject([{ id: 1, error: { code: 105 } }]);
      }
    },
  );

  test.each(SHOWN)('ends a connection that was let in on %s token as a newer one', async (kind) => {
    const headers = { authorization: `Bearer ${await goodToken(keys)}` };
    const socket = opened(keys, [], headers);
    const params = { token: tokenOf(keys, kind) };
    socket.once('message', () => ask(socket, { id: 1, method: 'authenticate', params }));
    const { code, said } = await ended(socket);
    expect(code).toBe(3500);
    expect(said).toMatchObject([{ type: 'welcome' }, { id: 1, error: { code: 105 } }]);
  });

  test('reads no token in an address', async () => {
    const token = await goodToken(keys);
    for (const name of ['token', 'access_token', 'authorization']) {
      const address = `/v1/symbols?${name}=${token}`;
      expect((await asked(keys, 'GET', address, 'no')).status).toBe(401);
      const socket = opened(keys, [], {}, `?${name}=${token}`);
      socket.on('open', () => ask(socket, { id: 1, method: 'ping' }));
      expect((await ended(socket)).code).toBe(3500);
    }
  });

  test.each([
    'https://evil.example',
    'null',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example:80',
    'file://',
    'http://evil.example/http://localhost',
  ])('refuses a WebSocket of the page %s, also with a good token', async (origin) => {
    const token = await goodToken(keys);
    const ways = [
      [{ authorization: `Bearer ${token}` }, []],
      [{}, [`foretick.token.${token}`]],
      [{}, []],
    ];
    for (const [headers, protocols] of ways as [Record<string, string>, string[]][]) {
      const socket = opened(keys, ['foretick.v1', ...protocols], { ...headers, origin });
      const [error] = await once(socket, 'error').catch((failure) => [failure]);
      expect(String(error)).toContain('403');
    }
  });

  test('lets a good token in at every address, and over every way of a WebSocket', async () => {
    const token = await goodToken(keys);
    for (const path of ADDRESSES.filter((one) => !one.endsWith('unknown'))) {
      const { status } = await asked(keys, 'GET', addressOf(path), token);
      expect([200, 400]).toContain(status);
    }
    for (const protocol of Object.values(SUBPROTOCOL)) {
      const byHeader = opened(keys, [protocol], { authorization: `Bearer ${token}` });
      const byProtocol = opened(keys, [protocol, `foretick.token.${token}`]);
      const byMessage = opened(keys, [protocol]);
      byMessage.on('open', () =>
        ask(byMessage, { id: 1, method: 'authenticate', params: { token } }),
      );
      // All listen before any is awaited: none of them waits for another to be heard.
      const first = [byHeader, byProtocol, byMessage].map(async (socket) => {
        const [data] = await once(socket, 'message');
        return read(socket, data);
      });
      const welcome = { type: 'welcome' };
      const answer = { id: 1, result: { allowed: ['*'] } };
      expect(await Promise.all(first)).toMatchObject([welcome, welcome, answer]);
    }
  });
});

async function tokensOf(signer: TokenSigner, stranger: TokenSigner, other: TokenSigner) {
  const good = { signer };
  return {
    no: null,
    'an empty': '',
    'a rubbish': 'no.token.atall',
    'a badly signed': await aToken({ signer: stranger }),
    'an expired': await aToken({ ...good, seconds: -1 }),
    'a never-ending': await aToken({ ...good, seconds: null }),
    'a not-yet-valid': await aToken({ ...good, notBeforeSeconds: 30 }),
    'a wrong-audience': await aToken({ ...good, audience: 'something else' }),
    "another tenant's": await aToken({ ...good, tenant: 'theirs' }),
    'an alg: none': anUnsignedToken(),
    'a differently signed': await aToken({ signer: other }),
    'a without-symbols': await aToken({ ...good, symbols: undefined }),
    good: await aToken(good),
  };
}

function aPair(alg: string) {
  return generateKeyPair(alg, { extractable: true });
}

function started(over: GatewayOptions['config']): Promise<Gateway> {
  return startGateway({ steps: 1, config: { authTenant: 'ours', connections: 10_000, ...over } });
}

function tokenOf(keys: string, kind: Kind): string {
  return gateways[keys].tokens[kind] ?? '';
}

async function goodToken(keys: string): Promise<string> {
  return (gateways[keys].tokens as Readonly<Record<string, string>>)['good'];
}

function addressOf(path: string): string {
  const query = path.startsWith('/udf/') ? '?symbol=sim:ALPHA&resolution=1S' : '';
  const ranked = path === '/v1/ranking' ? '?by=forecast&horizonTicks=1' : '';
  return path.replace('{symbol}', 'sim%3AALPHA') + query + ranked;
}

async function asked(keys: string, method: string, path: string, shown: string) {
  const { gateway, tokens } = gateways[keys];
  const token = shown in tokens ? tokens[shown as Kind] : shown;
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const call = request({
    host: '127.0.0.1',
    port: gateway.server.port,
    method,
    path,
    headers,
  }).end();
  const [response] = await once(call, 'response');
  let body = '';
  for await (const part of response) body += part;
  return { status: response.statusCode as number, headers: response.headers, body };
}

function opened(
  keys: string,
  protocols: string[],
  headers: Record<string, string> = {},
  query = '',
): WebSocket {
  const address = `${gateways[keys].gateway.streamUrl}${query}`;
  const socket = new WebSocket(address, protocols, { headers });
  sockets.push(socket);
  return socket;
}

/** What was said until the end, and how it ended. */
async function ended(socket: WebSocket) {
  const said: unknown[] = [];
  socket.on('message', (data) => said.push(read(socket, data)));
  const [code] = await once(socket, 'close');
  return { code: code as number, said };
}

function ask(socket: WebSocket, message: object): void {
  socket.send(isPacked(socket) ? encode(message) : JSON.stringify(message));
}

function read(socket: WebSocket, data: unknown): unknown {
  return isPacked(socket) ? decode(data as Buffer) : JSON.parse(String(data));
}

function isPacked({ protocol }: WebSocket): boolean {
  return protocol === SUBPROTOCOL.messagePack;
}
