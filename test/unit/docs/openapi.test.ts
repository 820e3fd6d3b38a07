import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES } from '#services/serve/http/routes.ts';
import { type Gateway, startGateway } from '#test/builders/a-gateway.ts';
import { type Document, documentOf, schemasOfDocs } from '#test/builders/schemas-of-docs.ts';
import { TOKEN_SECRET } from '#test/builders/tokens.ts';

const file = documentOf('openapi.yaml');
const problems = schemasOfDocs();
const gateways: Record<string, Gateway> = {};

beforeAll(async () => {
  const market = { symbols: ['SIM:ALPHA', 'SIM:BRAVO'] };
  const start = (authSecret: string) =>
    startGateway({ market, steps: 300, config: { authSecret } });
  gateways['open'] = await start('');
  gateways['closed'] = await start(TOKEN_SECRET);
});

afterAll(() => Promise.all(Object.values(gateways).map((gateway) => gateway.stop())));

describe('the OpenAPI file', () => {
  test('names every address, and says which are open', () => {
    const open = (path: string) => file.paths[path].get.security?.length === 0;
    const described = Object.keys(file.paths).map((path) => [path, open(path)]);
    expect(described).toEqual(ROUTES.map(({ path, isOpen }) => [path, isOpen]));
  });

  test.each(Object.keys(file.paths))('describes what %s answers', async (path) => {
    await asDescribed('open', path, addressOf(path));
  });

  test.each([
    '/v1/forecasts/none',
    '/v1/forecasts/none?history=x',
    '/v1/ranking?by=name&horizonTicks=10',
    '/v1/ranking?by=skill',
    '/udf/symbols?symbol=none',
    '/udf/history?symbol=none&resolution=1',
    '/udf/history?symbol=SIM:ALPHA&resolution=9',
    '/udf/history?symbol=SIM:ALPHA&resolution=1&from=9e15',
  ])('describes the refusal of %s', async (address) => {
    const [path] = address.split('?');
    await asDescribed('open', path.replace('/none', '/{symbol}'), address);
  });

  test.each(ROUTES.filter(({ isOpen }) => !isOpen).map(({ path }) => path))(
    'describes that %s asks for a token',
    async (path) => {
      expect(await asDescribed('closed', path, addressOf(path))).toBe(401);
    },
  );
});

async function asDescribed(gateway: string, path: string, address: string): Promise<number> {
  const response = await fetch(`${gateways[gateway].url}${address}`);
  const [kind] = (response.headers.get('content-type') ?? '').split(';');
  const at = ['paths', path, 'get', 'responses', `${response.status}`];
  const described: Document = at.reduce((node: Document, key) => node?.[key], file);
  expect(described, `${response.status} of ${address}`).toBeDefined();
  const steps = described.$ref === undefined ? at : (described.$ref as string).split('/').slice(1);
  const pointer = [...steps, 'content', kind, 'schema'].map(escaped).join('/');
  const text = await response.text();
  const body = kind === 'application/json' ? JSON.parse(text) : text;
  expect(problems(`openapi.yaml#/${pointer}`, body)).toEqual([]);
  return response.status;
}

function addressOf(path: string): string {
  const { parameters = [] } = file.paths[path].get;
  const examples = parameters.filter((one: Document) => one.example !== undefined);
  const query = examples.filter((one: Document) => one.in === 'query');
  const text = new URLSearchParams(query.map((one: Document) => [one.name, `${one.example}`]));
  return `${path.replace('{symbol}', 'SIM%3AALPHA')}?${text}`;
}

/** A step of a JSON pointer in an address (RFC 6901, section 6). */
function escaped(step: string): string {
  return encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));
}
