import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { distributedSettings } from '#services/distributed/config.ts';
import { readSettings } from '#shared/runtime/environment.ts';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(resolve(root, path), 'utf8');
const text = read('docker-compose.yml');
const { services } = parse(text, { merge: true }) as {
  services: Record<string, { environment?: Record<string, string>; ports?: readonly string[] }>;
};

/** `${NAME:-default}`, with nothing in the environment of Compose. */
const resolved = (value: unknown): string => `${value}`.replace(/\$\{\w+:-([^}]*)\}/g, '$1');

describe('docker-compose.yml', () => {
  test.each(['ingest', 'predict', 'train', 'serve', 'topics'])(
    'gives %s settings that it knows',
    (name) => {
      const given = Object.entries(services[name].environment ?? {});
      const environment = Object.fromEntries(given.map(([key, value]) => [key, resolved(value)]));
      const config = readSettings(distributedSettings, environment);
      expect(config.kafka.brokers).toEqual(['kafka:9092']);
    },
  );

  test('takes variables that do not trouble a service started beside it', () => {
    const names = [...text.matchAll(/\$\{(\w+):-/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(8);
    const images = names.filter((name) => /_(IMAGE|HEAP)$/.test(name));
    const environment = Object.fromEntries(images.map((name) => [name, 'any']));
    expect(() => readSettings(distributedSettings, environment)).not.toThrow();
  });

  test('publishes nothing beyond this machine, as serve is told', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });
});

test('alerts and dashboard ask for numbers that docs/operations.md tells of', () => {
  const operations = read('docs/operations.md');
  const asked = ['infra/prometheus/alerts.yml', 'infra/grafana/dashboards/foretick.json']
    .flatMap((path) => read(path).match(/foretick_[a-z_]+/g) ?? [])
    .filter((name) => !new RegExp(`\`${name}[\`{]`).test(operations));
  expect(asked).toEqual([]);
});
