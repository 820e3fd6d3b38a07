import { describe, expect, test } from 'vitest';
import { fileSource } from '#services/ingest/sources/file-source.ts';
import type { SourceRow, TickSource } from '#services/ingest/sources/source.ts';
import { replaySettings } from '#services/replay/config.ts';
import { checkLookAhead, type LookAheadOptions } from '#services/replay/look-ahead.ts';
import { trainingFor } from '#services/train/config.ts';
import type { ForecasterSettings } from '#shared/forecast/forecaster-settings.ts';
import { SERIES_LEVELS } from '#shared/forecast/quantile-levels.ts';
import { Random } from '#shared/nn/random.ts';
import { readSettings } from '#shared/runtime/environment.ts';
import { memoryLogger } from '#shared/runtime/memory-logger.ts';
import { memoryMetrics } from '#shared/runtime/memory-metrics.ts';
import { systemClock } from '#shared/runtime/system-clock.ts';
import { aFolder } from '#test/builders/a-folder.ts';
import { someSettings } from '#test/builders/a-model.ts';
import { memoryTape } from '#test/builders/memory-tape.ts';
import { tickFile } from '#test/builders/tick-file.ts';
import { wideFile } from '#test/builders/wide-file.ts';

async function options(over: Partial<LookAheadOptions> = {}): Promise<LookAheadOptions> {
  const input = await aFolder({ 'ticks.csv': tickFile() });
  const config = readSettings(replaySettings, {
    FORETICK_TRAIN_EVERY_TICKS: '200',
    FORETICK_TRAIN_UPDATES: '1',
    FORETICK_TRAIN_WARM_UP_UPDATES: '2',
    FORETICK_TRAIN_WINDOWS: '2',
    FORETICK_TRAIN_STEPS: '8',
    FORETICK_TRAIN_GATE_RATIO: '100',
  });
  return {
    openSource: () => fileSource({ input, layout: 'ticks', symbolFrom: 'column' }),
    openStores: async () => memoryTape(),
    run: {
      ports: { clock: systemClock(), logger: memoryLogger(), metrics: memoryMetrics() },
      settings: someSettings({ levels: [0.25, 0.5, 0.75], hiddenSize: 4, seed: 1 }),
      badRows: 'fail',
      warmUp: { ticks: 50 },
      predict: config.predict,
      train: config.train,
    },
    cuts: [60],
    ...over,
  };
}

/** A tape on which a trade's size already tells the price of the next tick of the batch. */
function leaky(source: TickSource): TickSource {
  const leak = (row: SourceRow, next: SourceRow | undefined): SourceRow => {
    if (row.raw.kind !== 'trade' || next === undefined || next.raw.kind !== 'quote') return row;
    return { ...row, raw: { ...row.raw, size: next.raw.bid } };
  };
  return {
    open: () => source.open(),
    rows: async function* () {
      for await (const rows of source.rows()) yield rows.map((row, k) => leak(row, rows[k + 1]));
    },
    close: () => source.close(),
  };
}

test('no forecast before a cut changes by a bit when all prices after it do, trainings included', async () => {
  const [first, second] = await checkLookAhead(await options({ cuts: [40, 60] }));
  expect(first.equalCount).toBeGreaterThan(150);
  expect(second.equalCount).toBeGreaterThan(first.equalCount);
  expect(second.switchesBefore).toBeGreaterThan(0);
  expect(second.laterDifferent).toBeGreaterThan(0.9 * second.laterCount);
  expect(second.equalCount + second.laterCount).toBe(600);
});

test('a tape that leaks the next price into a tick is caught, with the forecast that changed', async () => {
  // Trades are followed by quotes after a while: the cut falls between the two, and the trade knows what comes after it.
  const check = checkLookAhead(await options({ around: leaky, cuts: [50] }));
  await expect(check).rejects.toMatchObject({ code: 'REPLAY_LOOK_AHEAD' });
  await expect(check).rejects.toThrow('must not depend on its future');
});

const COLUMNS = ['east', 'west'];
const SEASON = 12;

/** The same of a wide file of regular series, whose weights are trained once per season. */
async function seriesOptions(over: Partial<LookAheadOptions> = {}): Promise<LookAheadOptions> {
  const random = new Random(3);
  const wave = (row: number, column: number) => Math.sin((2 * Math.PI * row) / SEASON + column);
  const text = wideFile(COLUMNS, 400, (row, column) => wave(row, column) + 0.2 * random.normal());
  const input = await aFolder({ 'wide.csv': text });
  const ticks = await options();
  const { train } = ticks.run;
  const settings: ForecasterSettings = {
    ...ticks.run.settings,
    measure: 'value',
    ...{ seasonTicks: SEASON, horizons: [1, SEASON], levels: SERIES_LEVELS },
  };
  return {
    ...ticks,
    openSource: () => fileSource({ input, layout: 'wide', symbolFrom: 'column' }),
    run: { ...ticks.run, settings, train: train === null ? null : trainingFor(settings, train) },
    ...over,
  };
}

/** Rows in which one series already has what the other one will be a row later. */
function leakyRows(source: TickSource): TickSource {
  const leak = ({ raw, ...row }: SourceRow, next: SourceRow | undefined): SourceRow => {
    if (raw.kind !== 'row' || next?.raw.kind !== 'row') return { ...row, raw };
    return { ...row, raw: { ...raw, values: [raw.values[0], next.raw.values[0]] } };
  };
  return {
    open: () => source.open(),
    rows: async function* () {
      for await (const rows of source.rows()) yield rows.map((row, k) => leak(row, rows[k + 1]));
    },
    close: () => source.close(),
  };
}

describe('of regular series', () => {
  test('no forecast before a cut changes by a bit either, though each sees the whole row', async () => {
    const [finding] = await checkLookAhead(await seriesOptions());
    expect(finding.switchesBefore).toBeGreaterThan(3);
    // A boundary per 24 rows; the partition that holds no series saw those after the cut, too.
    expect(finding.switchesBefore).toBeLessThanOrEqual(240 / 24);
    expect(finding.equalCount).toBe(2 * 240);
    expect(finding.laterDifferent).toBe(2 * 160);
  });

  test('a row that leaks the next one is caught', async () => {
    const check = checkLookAhead(await seriesOptions({ around: leakyRows }));
    await expect(check).rejects.toMatchObject({ code: 'REPLAY_LOOK_AHEAD' });
  });
});

test('a cut at the end compares nothing and says so', async () => {
  await expect(checkLookAhead(await options({ cuts: [100] }))).rejects.toMatchObject({
    code: 'REPLAY_FAILED',
  });
});
