import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { WireForecast } from '#shared/wire/message.ts';
import { type Gateway, startGateway } from '#test/builders/a-gateway.ts';

const ROOT = join(import.meta.dirname, '../..');
const INFINITY = 'infra/grafana/infinity';
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface ForecastsAnswer {
  readonly levels: readonly number[];
  readonly forecasts: readonly WireForecast[];
}

interface Query {
  readonly url: string;
  readonly root_selector: string;
  readonly columns: readonly { selector: string; text: string; type: string }[];
}

const { panels, templating } = JSON.parse(read(`${INFINITY}/forecasts.json`));
const QUERIES: [string, Query][] = [
  ['the variable symbol', templating.list[0].query.infinityQuery],
  ...panels.map(({ title, targets }: { title: string; targets: Query[] }) => [title, targets[0]]),
];

/** How Grafana writes a variable into an address. */
const SYMBOL = /\$\{symbol:percentencode\}/;

let gateway: Gateway;

beforeAll(async () => {
  // The fourth training is refused, and says why.
  gateway = await startGateway({ steps: 820 });
});

afterAll(async () => {
  await gateway.stop();
});

describe('the Grafana recipe', () => {
  test.each(QUERIES)('gets what it asks for: %s', async (_title, query) => {
    const path = query.url.replace(SYMBOL, 'sim%3AALPHA');
    const response = await fetch(`${gateway.url}${path}`);
    expect(response.status).toBe(200);
    const rows = rowsOf(await response.json(), query.root_selector);
    expect(rows.length).toBeGreaterThan(0);
    for (const { selector, type } of query.columns) {
      const values = rows.map((row) => at(row, selector)).filter((value) => value !== null);
      // A name that is not there would be undefined; what was not known yet is null.
      expect(values.length, selector).toBeGreaterThan(0);
      for (const value of values) {
        expect(typeof value, selector).toBe(type === 'string' ? 'string' : 'number');
      }
    }
  });

  test('its times are those of the ticks in milliseconds, its interval holds the point', async () => {
    const [, { url, root_selector }] = QUERIES[1];
    const path = url.replace(SYMBOL, 'sim%3ABETA');
    const answer = (await (await fetch(`${gateway.url}${path}`)).json()) as ForecastsAnswer;
    expect([answer.levels[2], answer.levels[18]]).toEqual([0.1, 0.9]);
    const rows = rowsOf(answer, root_selector) as Record<string, number>[];
    expect(rows).toHaveLength(answer.forecasts.length);
    rows.forEach(({ time, low, point, high, value }, k) => {
      const forecast = answer.forecasts[k];
      expect(time).toBe(Number(BigInt(forecast.eventTimeNs) / 1_000_000n));
      expect([value, low < point, point < high]).toEqual([forecast.originValue, true, true]);
    });
  });

  test('stands in docs/grafana.md as in the dashboard', () => {
    const page = read('docs/grafana.md');
    for (const [, { url, root_selector, columns }] of QUERIES) {
      const row = page
        .split('\n')
        .find((line) => line.includes(`| \`${url}\` | \`${root_selector}\` |`));
      for (const { selector } of columns) expect(row).toContain(`\`${selector}\``);
    }
  });

  test('is mounted from files that are there, and asks a name that serve answers to', () => {
    const { services } = parse(read(`${INFINITY}/compose.yml`));
    for (const volume of services.grafana.volumes) read(volume.split(':')[0]);
    const [source] = parse(read(`${INFINITY}/datasource.yml`)).datasources;
    const { hostname, port } = new URL(source.url);
    const { serve } = parse(read('docker-compose.yml'), { merge: true }).services;
    expect(hostname).toBe(serve.environment.FORETICK_ALLOWED_HOSTS);
    expect(port).toBe(`${serve.environment.FORETICK_PORT}`);
    expect(source.jsonData.allowedHosts).toEqual([source.url]);
    for (const { datasource } of panels)
      expect(datasource).toEqual({ type: source.type, uid: source.uid });
  });
});

/** As much of JSONata as the recipe uses: a path, and an object made of paths; the one function in it is written out here. */
function rowsOf(answer: unknown, selector: string): unknown[] {
  const [root, fields] = selector.split('.{');
  const rows = at(answer, root) as unknown[];
  const pairs = [
    ...fields.matchAll(/"(\w+)": (\$number\(\$substring\((\w+), 0, 13\)\)|[\w.[\]]+)[,}]/g),
  ];
  expect(pairs.map(([text]) => text).join(' ')).toBe(fields);
  return rows.map((row) =>
    Object.fromEntries(
      pairs.map(([, name, path, digits]) => [
        name,
        digits === undefined ? at(row, path) : Number(`${at(row, digits)}`.slice(0, 13)),
      ]),
    ),
  );
}

function at(value: unknown, path: string): unknown {
  const steps = path.replaceAll('[', '.').replaceAll(']', '').split('.');
  return steps.reduce<unknown>(
    (node, step) => (node as Record<string, unknown> | null)?.[step],
    value,
  );
}
