import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { configurationPage } from '../../../docs/configuration.ts';

const docs = resolve(import.meta.dirname, '../../../docs');

test('docs/configuration.md is what the settings are now (else: node docs/configuration.ts)', () => {
  const page = readFileSync(resolve(docs, 'configuration.md'), 'utf8');
  expect(page).toBe(configurationPage());
});

test('the page lists settings of every service', () => {
  const page = configurationPage();
  for (const name of ['FORETICK_PORT', 'FORETICK_SOURCE', 'FORETICK_TRAIN_EVERY_TICKS']) {
    expect(page).toContain(`| \`${name}\` |`);
  }
});

test('docs/decisions/README.md lists every decision', () => {
  const readme = readFileSync(resolve(docs, 'decisions/README.md'), 'utf8');
  const decisions = readdirSync(resolve(docs, 'decisions')).filter((name) => /^\d{4}-/.test(name));
  expect(decisions.length).toBeGreaterThan(5);
  expect(decisions.filter((name) => !readme.includes(`(${name})`))).toEqual([]);
});
