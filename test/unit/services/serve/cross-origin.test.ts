import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES } from '#services/serve/http/routes.ts';
import { type Gateway, startGateway } from '#test/builders/a-gateway.ts';
import { aToken, TOKEN_SECRET } from '#test/builders/tokens.ts';

const OURS = ['http://localhost:3000', 'http://127.0.0.1', 'https://charts.example'];
const FOREIGN = ['https://evil.example', 'null', 'http://localhost.evil.example', 'file://'];

describe('a page of another origin', () => {
  let gateway: Gateway;
  let authorization: string;

  beforeAll(async () => {
    const config = { authSecret: TOKEN_SECRET, allowedHosts: ['Charts.example'] };
    gateway = await startGateway({ steps: 1, config });
    authorization = `Bearer ${await aToken()}`;
  });

  afterAll(() => gateway.stop());

  test.each([...ROUTES.map(({ path }) => path), '/', '/v1/unknown'])(
    'is refused at %s with a good token where it is foreign, and told nothing',
    async (path) => {
      for (const origin of FOREIGN) {
        const { status, headers, body } = await asked('GET', path, { origin, authorization });
        expect(status).toBe(403);
        expect(headers['access-control-allow-origin']).toBeUndefined();
        expect(body).not.toContain('sim:');
      }
    },
  );

  test.each(OURS)('reads answers and refusals where it is %s', async (origin) => {
    for (const [shown, status] of [
      [{ authorization }, 200],
      [{}, 401],
    ] as const) {
      const answer = await asked('GET', '/v1/symbols', { origin, ...shown });
      expect(answer.status).toBe(status);
      expect(answer.headers['access-control-allow-origin']).toBe(origin);
      expect(answer.headers.vary).toBe('origin');
    }
  });

  test('is let ask with a token, by a browser that first asks whether it may', async () => {
    const asks = {
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    };
    const { status, headers } = await asked('OPTIONS', '/v1/symbols', { origin: OURS[0], ...asks });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'access-control-allow-origin': OURS[0],
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'authorization',
    });
    const foreign = await asked('OPTIONS', '/v1/symbols', { origin: FOREIGN[0], ...asks });
    expect(foreign.status).toBe(403);
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('is no page at all where a program asks', async () => {
    const { status, headers } = await asked('GET', '/v1/symbols', { authorization });
    expect(status).toBe(200);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  async function asked(method: string, path: string, headers: Record<string, string>) {
    const { port } = gateway.server;
    const call = request({ host: '127.0.0.1', port, method, path, headers }).end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    let body = '';
    for await (const part of response) body += part;
    return { status: response.statusCode, headers: response.headers, body };
  }
});
