import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ingestSettings } from '#services/ingest/config.ts';
import { configuredSource } from '#services/ingest/sources/configured-source.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { virtualClock } from '#shared/runtime/virtual-clock.ts';
import { aFolder } from '#test/builders/a-folder.ts';

test('without a setting ticks come from the simulated market', async () => {
  const source = configuredSource(readSettings(ingestSettings, {}), virtualClock(0), null);
  const { feed, begin } = await source.open();
  expect(feed).toBe('simulated');
  expect(Object.keys(begin.priceSteps ?? {})).toHaveLength(6);
});

test('a file is read as the settings say', async () => {
  const folder = await aFolder({ 'x.csv': 'timestamp,value\n2020-01-01,1\n' });
  const environment = {
    FORETICK_SOURCE: 'file',
    FORETICK_FILE_INPUT: join(folder, 'x.csv'),
    FORETICK_FILE_LAYOUT: 'wide',
  };
  const source = configuredSource(readSettings(ingestSettings, environment), virtualClock(0), null);
  expect((await source.open()).begin.groups).toEqual({ x: ['x'] });
});

test('bad settings are told together', () => {
  const environment = { FORETICK_SOURCE: 'binance', FORETICK_SIM_SYMBOLS: '25' };
  expect(() => readSettings(ingestSettings, environment)).toThrow(
    /FORETICK_SOURCE must be one of simulated, file, was "binance"[\s\S]*FORETICK_SIM_SYMBOLS must be a whole number at least 1 and at most 24, was "25"/,
  );
});
