import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ForecastClient } from '#shared/client/forecast-client.ts';
import type { Listener } from '#shared/client/listener.ts';
import { SERIES_EXPERTS } from '#shared/forecast/series/series-experts.ts';
import { Random } from '#shared/nn/random.ts';
import type { ModelsMessage, WireForecast } from '#shared/wire/message.ts';
import type { WireModelEvent } from '#shared/wire/model-event.ts';
import { aFolder } from '#test/builders/a-folder.ts';
import { replayed } from '#test/builders/a-replay.ts';
import { equalForecasts } from '#test/builders/equal-recordings.ts';
import { Heard } from '#test/builders/heard.ts';
import { RunningSolo } from '#test/builders/running-solo.ts';
import { wideFile } from '#test/builders/wide-file.ts';

const SEASON = 24;
const ROWS = 600;
const COLUMNS = ['east', 'west', 'north'];
const HORIZONS = Array.from({ length: 48 }, (_, k) => k + 1);

/** Days of 24 hours with noise about zero; `north` has holes. */
function aWideFile(): string {
  const random = new Random(3);
  return wideFile(COLUMNS, ROWS, (row, column) =>
    column === 2 && row % 37 < 3
      ? null
      : 3 * Math.sin((2 * Math.PI * row) / SEASON + column) + random.normal(),
  );
}

const SERIES = {
  FORETICK_SOURCE: 'file',
  FORETICK_FILE_LAYOUT: 'wide',
  // Slowly enough that weights are trained on the way.
  FORETICK_FILE_ROWS_PER_SECOND: '100',
  FORETICK_MEASURE: 'value',
  FORETICK_SEASON_TICKS: `${SEASON}`,
  FORETICK_HORIZONS: HORIZONS.join(','),
  FORETICK_TRAIN_WINDOWS: '4',
};

/** Takes the forecasts of one symbol, the newest of a snapshot among them, and the switches to new weights. */
class Hearer implements Listener {
  readonly heard = new Heard<WireForecast>();
  readonly switches = new Heard<WireModelEvent>();

  onSnapshot({ forecasts }: { readonly forecasts: readonly WireForecast[] }): void {
    this.onForecasts({ forecasts });
  }

  onForecasts({ forecasts }: { readonly forecasts: readonly WireForecast[] }): void {
    for (const forecast of forecasts) if (forecast.symbol === 'east') this.heard.push(forecast);
  }

  onModels({ events }: ModelsMessage): void {
    for (const one of events) if (one.event === 'switched') this.switches.push(one);
  }
}

test('regular series are forecast live, weights of their experts included, and a replay of the log makes the same bits', async () => {
  const dataDir = await aFolder({ 'wide.csv': aWideFile() });
  const environment = { ...SERIES, FORETICK_FILE_INPUT: join(dataDir, 'wide.csv') };
  const solo = await RunningSolo.start({ dataDir, port: 0, environment });
  try {
    const hearer = new Hearer();
    const channels = ['forecasts', 'models'] as const;
    const client = new ForecastClient({ url: solo.streamUrl, symbols: ['*'], channels }, hearer);
    const isLast = ({ origin }: WireForecast): boolean => origin === ROWS - 1;
    await hearer.heard.until((all) => all.some(isLast), 'the last forecast');
    await hearer.switches.until((all) => all.length > 0, 'new weights');
    await client.close();
    const last = hearer.heard.all.find(isLast) as WireForecast;
    expect(last.experts).toEqual(SERIES_EXPERTS);
    expect(last.horizons.map(({ horizonTicks }) => horizonTicks)).toEqual(HORIZONS);
    for (const { weights, quantiles } of last.horizons) {
      expect(weights).toHaveLength(SERIES_EXPERTS.length);
      expect(weights.reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 1);
      expect(quantiles).toEqual([...quantiles].sort((a, b) => a - b));
    }
    expect(await solo.stop()).toBe(0);
  } finally {
    await solo.kill();
  }
  const folder = await aFolder({});
  const summary = await replayed(folder, `--input log:${dataDir} --keep`);
  expect(summary['switchCount']).toBeGreaterThan(0);
  expect(await equalForecasts(dataDir, join(`${summary['workFolder']}`, 'log'))).toBe(ROWS);
});

test('a run of one season is not gone on with as a run of another, nor as ticks', async () => {
  const dataDir = await aFolder({ 'wide.csv': aWideFile() });
  const environment = { ...SERIES, FORETICK_FILE_INPUT: join(dataDir, 'wide.csv') };
  const solo = await RunningSolo.start({ dataDir, port: 0, environment });
  expect(await solo.stop()).toBe(0);
  const again = (season: string) =>
    RunningSolo.start({
      dataDir,
      port: 0,
      environment: { ...environment, FORETICK_SEASON_TICKS: season },
    });
  await expect(again('12')).rejects.toThrow(/LOG_MISMATCH.*seasonTicks must be 12, was 24/);
  await expect(again('0')).rejects.toThrow(/LOG_MISMATCH.*seasonTicks must be absent, was 24/);
});
